import SessionCore
import TestSupport
import Testing

@testable import MySQLKit

/// Servers that refuse: read-only ones, users who may only read, locked tables, binary logs.
@Suite("A server in another mode", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct ServerModeTests {
  private let thread = ConversationID.generate()

  private func message(_ text: String) -> Message {
    Message(id: .generate(), role: .user, content: text, createdAt: .now())
  }

  /// Calls every read of the archive.
  private func read(_ archive: MySQLArchive, _ said: Message, _ user: UserID) async throws {
    #expect(try await archive.threads(of: user, page: .init()).elements.map(\.id) == [thread])
    #expect(try await archive.thread(thread, of: user).messageCount == 1)
    #expect(try await archive.newestMessages(in: thread, of: user, limit: 9) == [said])
    #expect(try await archive.messages(in: thread, of: user, page: .init()).elements == [said])
    #expect(try await archive.messageCount(in: thread, of: user, through: said.id) == 1)
    #expect(try await archive.message(said.id, in: thread, of: user) == said)
    #expect(
      try await archive.rewoundMessages(in: thread, of: user, page: .init()).elements.isEmpty)
    #expect(try await archive.search("bonjour", of: user, page: .init()).elements.count == 1)
    #expect(try await archive.feedback(in: thread, of: user).isEmpty)
    #expect(try await archive.notes(on: thread, of: user) == ThreadNotes())
    #expect(try await archive.elements(in: thread, of: user).isEmpty)
    #expect(try await archive.forget(user, dryRun: true).steps == 1)
    #expect(
      try await archive.prune(untouchedSince: .now(), dryRun: true, progress: { _ in }).steps == 1)
    #expect(try await archive.ownerlessThreads().threads == 0)
    #expect(try await archive.schemaStatus().pending.isEmpty)
    let records = Locked(0)
    try await archive.export(of: user) { _ in records.withLock { $0 += 1 } }
    #expect(records.withLock(\.self) == 3)
    try await archive.prepare()
  }

  @Test("A7 A read-only server, and a user who may only read, are read; a write says why not")
  func readOnly() async throws {
    let server = try await PrivateMariaDB()
    let administrator = MySQLClient(server.configuration)
    let user = try UserID("Awa")
    let said = message("Bonjour")
    _ = try await MySQLArchive(client: administrator).append(said, to: thread, of: user)
    for (name, grants) in [
      ("writer", "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP"),
      ("reader", "SELECT"),
    ] {
      try await administrator.execute("CREATE USER '\(name)'@'%' IDENTIFIED BY 'secret'")
      try await administrator.execute("GRANT \(grants) ON chat.* TO '\(name)'@'%'")
    }
    for (name, isReadOnly) in [("reader", false), ("reader", true), ("writer", true)] {
      try await administrator.execute("SET GLOBAL read_only = \(isReadOnly ? 1 : 0)")
      var configuration = server.configuration
      configuration.user = name
      let client = MySQLClient(configuration)
      let archive = MySQLArchive(client: client)
      try await read(archive, said, user)
      let writes: [@Sendable () async throws -> Void] = [
        { _ = try await archive.append(message("Salut"), to: thread, of: user) },
        { try await archive.rename(thread, of: user, to: "x") },
        { _ = try await archive.delete(thread, of: user) },
      ]
      // Whoever may not write is told so, or that nobody may: whichever the server finds first.
      let hasOneReason = name == "writer" || !isReadOnly
      for write in writes where hasOneReason {
        let error = await #expect(throws: ArchiveError.self) { try await write() }
        #expect(error?.code == (isReadOnly ? .unavailable : .refused), "\(name)")
        #expect(error?.mayHaveActed == false)
        let reason = error?.reason ?? ""
        #expect(reason.contains(isReadOnly ? "read-only" : "GRANT"), "\(reason)")
        #expect(reason.contains(isReadOnly ? "1290" : "1142"), "\(reason)")
      }
      await client.close()
    }
    // As soon as it takes writes again, it is written to.
    try await administrator.execute("SET GLOBAL read_only = 0")
    var configuration = server.configuration
    configuration.user = "writer"
    let client = MySQLClient(configuration)
    let archive = MySQLArchive(client: client)
    _ = try await archive.append(message("Salut"), to: thread, of: user)
    #expect(try await archive.newestMessages(in: thread, of: user, limit: 9).count == 2)
    await client.close()
    await administrator.close()
  }

  @Test("A user who may not make the schema is told so, and verifying changes nothing")
  func schemaWithoutRights() async throws {
    let server = try await PrivateMariaDB()
    let administrator = MySQLClient(server.configuration)
    try await administrator.execute("CREATE USER 'reader'@'%' IDENTIFIED BY 'secret'")
    try await administrator.execute("GRANT SELECT ON chat.* TO 'reader'@'%'")
    var configuration = server.configuration
    configuration.user = "reader"
    let client = MySQLClient(configuration)
    let user = try UserID("Awa")
    let error = await #expect(throws: ArchiveError.self) {
      _ = try await MySQLArchive(client: client).threads(of: user, page: .init())
    }
    #expect(error?.code == .refused)
    #expect(error?.reason.contains("CREATE") == true)
    let status = try await MySQLArchive(client: client, schema: .verifyOnly).schemaStatus()
    #expect(status.version == 0)
    #expect(status.obstacles == [])
    #expect(status.pending.count == Migration.newest)
    await client.close()
    await administrator.close()
  }

  @Test("A binary log of any format takes what two programs append to one conversation")
  func binaryLogs() async throws {
    for format in ["STATEMENT", "MIXED", "ROW"] {
      let server = try await PrivateMariaDB(["--log-bin=log", "--binlog-format=\(format)"])
      let clients = [MySQLClient(server.configuration), MySQLClient(server.configuration)]
      let found = try await clients[0].query("SELECT @@binlog_format, @@log_bin")[0]
      #expect(try found.text(0) == format)
      #expect(try found.integer(1) == 1)
      let archives = clients.map { MySQLArchive(client: $0) }
      let user = try UserID("Awa")
      let previous = try await withThrowingTaskGroup(of: (MessageID, MessageID?).self) { group in
        for number in 0..<40 {
          group.addTask {
            let said = message("\(number)")
            return (
              said.id,
              try await archives[number % 2].append(said, to: thread, of: user).previous
            )
          }
        }
        return try await group.reduce(into: [MessageID: MessageID?]()) { $0[$1.0] = $1.1 }
      }
      let read = try await archives[0].newestMessages(in: thread, of: user, limit: 99)
      #expect(read.count == 40)
      var before: MessageID?
      for said in read {
        #expect(previous[said.id] == .some(before), "\(format)")
        before = said.id
      }
      let copy = ConversationID.generate()
      _ = try await archives[1].fork(thread, of: user, through: read[5].id, into: copy)
      _ = try await archives[1].rewind(copy, of: user, to: read[1].id.copied(into: copy))
      #expect(try await archives[1].delete(copy, of: user).steps == 6)
      for client in clients { await client.close() }
    }
  }

  @Test("A7 Tables that another session holds for reading are read, and a write gives up in time")
  func lockedTables() async throws {
    // One connection, so that what locks the tables is what unlocks them.
    try await TestDatabase.with(connectionCountMax: 1) { database in
      let user = try UserID("Awa")
      let said = message("Bonjour")
      _ = try await MySQLArchive(client: database.client).append(said, to: thread, of: user)
      for mode in ["READ", "WRITE"] {
        // What a job locks is let go when it ends.
        let isLocked = Gate()
        let holder = Task {
          try await database.client.withConnection { connection in
            try connection.execute(
              "LOCK TABLES Thread \(mode), Step \(mode), User \(mode), Element \(mode)")
            isLocked.open()
            try connection.execute("SELECT SLEEP(60)")
          }
        }
        try await isLocked.pass()
        var configuration = database.configuration
        configuration.lockTimeout = .seconds(2)
        let client = MySQLClient(configuration)
        let archive = MySQLArchive(client: client)
        if mode == "READ" {
          #expect(try await archive.newestMessages(in: thread, of: user, limit: 9) == [said])
          #expect(try await archive.threads(of: user, page: .init()).elements.count == 1)
        }
        let start = ContinuousClock.now
        let error = await #expect(throws: ArchiveError.self) {
          _ = try await archive.append(message("Salut"), to: thread, of: user)
        }
        #expect(ContinuousClock.now - start < .seconds(15))
        #expect(error?.code == .unavailable)
        #expect(error?.reason.contains("another session holds") == true)
        await client.close()
        holder.cancel()
        _ = await holder.result
      }
      _ = try await MySQLArchive(client: database.client).append(
        message("Salut"), to: thread, of: user)
    }
  }

  @Test(
    "What a server may take later is unavailable, what it never takes is refused, both in words")
  func words() {
    let passing: [UInt32] = [
      1290, 1792, 1836, 1114, 1021, 1205, 1040, 1203, 1461, 1047, 1226, 1223, 1213, 1037, 1041,
    ]
    for errno in passing {
      let error = ArchiveError(
        MySQLError(errno: errno, sqlState: "HY000", message: "'secret'", phase: .running))
      #expect(error.code == .unavailable, "\(errno)")
      #expect(error.reason.contains("error \(errno)"))
      #expect(!error.reason.contains("secret"))
      #expect(!error.reason.contains("refused the statement"))
    }
    for errno in [1142, 1364, 1146, 1054, 1452, 1665, 1292, 1366, 1064, 1273] as [UInt32] {
      let error = ArchiveError(
        MySQLError(errno: errno, sqlState: "HY000", message: "", phase: .running))
      #expect(error.code == .refused, "\(errno)")
      #expect(error.reason.contains("error \(errno)"))
      #expect(!error.reason.contains("refused the statement"))
    }
  }
}
