import Foundation
import SessionCore
import TestSupport
import Testing

@testable import chat_cli

@Suite(
  "Exports, imports and files", .enabled(if: Servers.hasRedis && Servers.hasDatabase),
  .timeLimit(.minutes(5)))
struct PortableTests {
  private let ids = (1...2).map { "0000000\($0)-1b2c-4d3e-8f4a-5b6c7d8e9f0a" }

  @Test("A5: what was exported, forgotten, imported and exported again is the same, byte for byte")
  func roundTrip() async throws {
    try await ServerFixture.use { servers, program in
      for id in ids {
        _ = try await program.run("ask", "--session", id, "--user", "awa", "Été \(id)")
      }
      _ = try await program.run("feedback", ids[0], "up", "--user", "awa")
      let first = try await program.run("export", "un.jsonl", "--user", "awa")
      #expect(first.code == 0)
      #expect(first.errors == "✅ 2 discussions et 4 messages exportés dans un.jsonl.\n")
      #expect(try Tool.mode(of: "\(program.directory)/un.jsonl") == 0o600)
      let dry = try await program.run("forget", "awa", "--dry-run")
      #expect(dry.errors == "2 discussions et 4 messages de « awa » seraient effacés.\n")
      let forgotten = try await program.run("forget", "awa", "--lang", "en")
      #expect(forgotten.errors.hasSuffix("🗑️ 2 threads and 4 messages of 'awa' removed.\n"))
      #expect(try await servers.redis("keys", "*") == [])
      #expect(try await servers.sql("SELECT COUNT(*) FROM User") == ["0"])
      let back = try await program.run("import", "un.jsonl", "--user", "awa")
      #expect(back.code == 0)
      #expect(back.errors.hasPrefix("✅ 2 discussions et 4 messages repris, "))
      let again = try await program.run("import", "un.jsonl", "--user", "awa", "--json")
      #expect(again.output.contains("\"messages\":0,\"threads\":0,\"user\":\"awa\""))
      let second = try await program.run("export", "--user", "awa")
      #expect(second.output == (try program.read("un.jsonl")))
    }
  }

  @Test("A9 After forget no byte of the user is left: Redis, tables, their files, state, journal")
  func forgetsEveryPlace() async throws {
    try await ServerFixture.use { servers, plain in
      let (proxy, url) = try servers.proxiedDatabase()
      var program = plain
      program.environment["DATABASE_URL"] = url
      let canary = "canari\(UUID().uuidString.prefix(8).lowercased())"
      for text in ["bonjour \(canary)", "encore"] {
        _ = try await program.run("ask", "--session", ids[0], "--user", canary, text)
      }
      // What waits in the journal is the user's too, and so is what was typed.
      await proxy.set(.refuse)
      let waits = try await program.run(
        "ask", "--per-user", "--session", ids[1], "--user", canary, "attend \(canary)")
      #expect(waits.code == 0)
      await proxy.set(.none)
      let state = "\(program.directory)/state/chat-cli"
      try FileManager.default.createDirectory(
        atPath: state, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      try Data("\(canary)\n".utf8).write(to: URL(fileURLWithPath: "\(state)/history"))
      let done = try await program.run("forget", canary, "--user", canary, "--json")
      #expect(done.code == 0)
      #expect(done.output.contains("\"typed\":1"))

      for key in try await servers.redis("keys", "*") {
        #expect(!key.contains(canary))
        let value = try await servers.redis("dump", key)
        #expect(!value.joined().contains(canary), "\(key)")
      }
      // Rows that are gone stay in the pages of the files until those are written anew.
      let tables = try await servers.sql("SHOW TABLES")
      #expect(tables.contains("Step"))
      for table in tables {
        try await servers.sql("OPTIMIZE TABLE `\(table)`")
        let rows = try await servers.sql("SELECT * FROM `\(table)`")
        #expect(!rows.joined().contains(canary), "\(table)")
      }
      try await servers.sql("FLUSH TABLES \(tables.map { "`\($0)`" }.joined(separator: ", "))")
      let data = try await servers.sql("SELECT @@datadir")[0]
      var places = [program.directory]
      places.append(data + servers.databaseName)
      for place in places {
        let files = try #require(FileManager.default.enumerator(atPath: place))
        for case let name as String in files {
          guard let bytes = FileManager.default.contents(atPath: "\(place)/\(name)") else {
            continue
          }
          #expect(bytes.range(of: Data(canary.utf8)) == nil, "\(name)")
        }
      }
      await proxy.close()
    }
  }

  @Test("Old threads of everybody are removed, once it was seen how many they are")
  func prune() async throws {
    try await ServerFixture.use { servers, program in
      for (id, user) in zip(ids, ["awa", "rené"]) {
        _ = try await program.run("ask", "--session", id, "--user", user, "Été")
      }
      _ = try await servers.sql(
        "UPDATE Thread SET updatedAt = UTC_TIMESTAMP(6) - INTERVAL 31 DAY WHERE id = '\(ids[1])'")
      _ = try await servers.sql(
        "UPDATE Step SET createdAt = UTC_TIMESTAMP(6) - INTERVAL 31 DAY "
          + "WHERE threadId = '\(ids[1])'")
      let dry = try await program.run("prune", "30", "--dry-run")
      #expect(
        dry.errors
          == "1 discussion et 2 messages sans activité depuis 30 jours seraient effacés.\n")
      #expect(try await servers.sql("SELECT COUNT(*) FROM Thread") == ["2"])
      let done = try await program.run("prune", "30", "--json")
      #expect(done.code == 0)
      #expect(
        done.output == "{\"days\":30,\"dryRun\":false,\"elements\":0,\"feedback\":0,"
          + "\"messages\":2,\"threads\":1}\n")
      #expect(try await servers.sql("SELECT id FROM Thread") == [ids[0]])
      let nothing = try await program.run("prune", "1", "--lang", "en")
      #expect(
        nothing.errors == "🗑️ 0 threads and 0 messages, untouched for 1 day, removed.\n")
    }
  }

  @Test("A place that cannot be written is refused before anything is done")
  func badExport() async throws {
    try await ServerFixture.use { _, program in
      for path in ["/nowhere/x", "/"] {
        let refused = try await program.run("export", path)
        #expect(refused.code == 2 && refused.errors.hasPrefix("chat-cli : \(path) : "))
      }
    }
  }

  @Test("An export leads through links, pipes and devices, and replaces only a plain file")
  func throughLinks() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let script = """
      set -e
      echo old >target; ln -s target link; ln -s later dangling; ln target twin; mkfifo pipe
      printf '%s' "$2" >/dev/null
      for file in link dangling /dev/null /dev/stdout; do "$0" "$@" export $file; done
      cat pipe >piped & "$0" "$@" export pipe; wait
      test -L link -a -L dangling -a -p pipe -a -c /dev/null
      cmp target later; cmp target piped; cat twin; ls
      """
    let result = try await program.shell(script, ["--user", "awa"])
    #expect(result.code == 0, "\(result.errors)")
    #expect(
      result.output
        == "{\"type\":\"user\",\"user\":\"awa\",\"version\":1}\nold\n"
        + "dangling\nlater\nlink\npipe\npiped\ntarget\ntwin\n")
  }

  @Test("A file of another's making beside the export is neither followed nor written")
  func plantedFiles() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    try program.write("mine", to: "victim")
    let result = try await program.shell(
      "for n in $(seq 99999); do :; done; ln -s victim out.$$.part; exec \"$0\" export out")
    #expect(result.code == 0)
    #expect(try program.read("victim") == "mine")
  }

  @Test("A text file is part of the turn, and the archive keeps it")
  func attachedFile() async throws {
    try await ServerFixture.use { servers, program in
      try program.write("ligne 1\n```\nligne 2", to: "notes de voyage.txt")
      let result = try await program.run(
        "--session", ids[0], "--user", "awa",
        input:
          "/fichier \"notes de voyage.txt\" Que dit-il ?\n/fichier absent.txt\n"
          + "/exporte tout.jsonl\n"
      )
      #expect(result.code == 2)
      #expect(result.errors.contains("chat-cli : absent.txt : ce fichier n'existe pas\n"))
      let shown = try await program.run("show", ids[0], "--user", "awa")
      #expect(
        shown.output.contains(
          "\nQue dit-il ?\n\nnotes de voyage.txt :\n````\nligne 1\n```\nligne 2\n````\n"))
      #expect(
        try await servers.sql("SELECT name, mime FROM Element") == [
          "notes de voyage.txt\ttext/plain"
        ])
      #expect(try program.read("tout.jsonl").contains("notes de voyage.txt"))
    }
  }

  @Test("A file that cannot be finished leaves nothing behind")
  func abandonedFile() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let path = "\(program.directory)/x"
    try program.write("before", to: "x")
    let file = try await OutputFile.open(path)
    try await file.write(Array("half".utf8))
    await file.abandon()
    #expect(try program.read("x") == "before")
    #expect(try program.files() == ["x"])
    let whole = try await OutputFile.open(path)
    try await whole.write(Array("after".utf8))
    try await whole.finish()
    #expect(try program.read("x") == "after")
    #expect(try program.files() == ["x"])
  }

  @Test("Progress says amount, rate and what is left, and nothing it does not know")
  func progress() {
    let french = Texts(language: .french)
    #expect(
      french.progress(count: 200, "lignes", part: 50, of: 200, after: .seconds(2))
        == "200 lignes, 100/s, 25 %, reste 6 s")
    let english = Texts(language: .english)
    #expect(
      english.progress(count: 200, "lines", part: 0, of: nil, after: .seconds(2))
        == "200 lines, 100/s")
    #expect(english.progress(count: 0, "lines", part: 0, of: 9, after: .zero) == "0 lines, 0/s")
    #expect(
      english.progress(count: 5, "threads", part: 5, of: 20, after: .seconds(1))
        == "5 threads, 5/s, 25%, 3 s left")
  }
}
