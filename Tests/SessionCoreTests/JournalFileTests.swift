import TestSupport
import Testing

@testable import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("Which file a journal is")
struct JournalFileTests {
  @Test("T6 Only the owner can read a journal, also one that was made readable to others")
  func permissions() async throws {
    let bench = try JournalBench()
    try bench.directory.write([], to: "journal")
    try await bench.fill(["un"])
    #expect(try await bench.drained().sent.count == 1)
    for name in ["journal", "journal.lock", "journal.drain"] {
      #expect(try bench.directory.permissions(of: name) == 0o600, "\(name)")
    }
  }

  @Test(
    "A journal that cannot be one is a clear error", arguments: ["", "/dev/null", "/nowhere/j"])
  func unusable(path: String) throws {
    let error = #expect(throws: JournalError.self) { try MessageJournal(path: path) }
    #expect(error?.code == .fileFailed)
    #expect(error?.reason.contains("journal \(path)") == true)
  }

  @Test("A link in the place of any file of a journal is refused, and what it leads to untouched")
  func links() async throws {
    for name in ["journal", "journal.lock", "journal.drain", "journal.rejected"] {
      for isHard in [false, true] {
        let bench = try JournalBench()
        let victim = Array("not ours\n".utf8)
        try bench.directory.write(victim, to: "victim")
        let (from, to) = (bench.directory.file("victim"), bench.directory.file(name))
        #expect(isHard ? link(from, to) == 0 : symlink(from, to) == 0)
        await #expect(throws: JournalError.self, "\(name)") {
          let journal = try bench.journal()
          _ = try await journal.append(bench.entry("un"))
          _ = try await journal.drain { _ in throw ArchiveError(code: .tooLarge, reason: "no") }
        }
        #expect(bench.directory.bytes(of: "victim") == victim, "\(name)")
      }
    }
  }

  @Test("A journal that others can write, or whose directory they can write, is refused")
  func writableByOthers() throws {
    let bench = try JournalBench()
    try bench.directory.write([], to: "journal")
    #expect(chmod(bench.path, 0o622) == 0)
    let file = #expect(throws: JournalError.self) { try bench.journal() }
    #expect(file?.reason.contains("others can write it") == true)
    #expect(chmod(bench.path, 0o600) == 0)
    #expect(chmod(bench.directory.path, 0o777) == 0)
    let directory = #expect(throws: JournalError.self) { try bench.journal() }
    #expect(directory?.reason.contains("others can write its directory") == true)
  }

  @Test("A journal of another user is refused", .enabled(if: geteuid() == 0, "needs root"))
  func foreignOwner() throws {
    let bench = try JournalBench()
    try bench.directory.write([], to: "journal")
    #expect(chown(bench.path, 1, 1) == 0)
    let file = #expect(throws: JournalError.self) { try bench.journal() }
    #expect(file?.reason.contains("belongs to another user") == true)
    try bench.directory.remove("journal")
    #expect(chown(bench.directory.path, 1, 1) == 0)
    let directory = #expect(throws: JournalError.self) { try bench.journal() }
    #expect(directory?.reason.contains("its directory belongs to another user") == true)
  }

  @Test("T6 A journal that is removed while messages wait refuses, and says how many it was")
  func removed() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal()
    #expect(try await journal.append(bench.entry("un")))
    try bench.directory.remove("journal")
    for isThereAnother in [false, true] {
      if isThereAnother { _ = try await bench.journal().append(bench.entry("ailleurs")) }
      let error = await #expect(throws: JournalError.self) {
        _ = try await journal.append(bench.entry("deux"))
      }
      #expect(error?.code == .moved)
      #expect(error?.reason.contains("1 messages waited") == true)
    }
  }

  @Test("T6 A journal that is removed while nothing waits is made anew")
  func removedEmpty() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal()
    try bench.directory.remove("journal")
    #expect(journal.isEmpty)
    #expect(try await journal.append(bench.entry("un")))
    #expect(try await bench.drained().sent.count == 1)
  }

  @Test("T6 A directory that is moved during an outage is noticed, and all is well once it is back")
  func moved() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal()
    let entries = [bench.entry("un"), bench.entry("deux")]
    #expect(try await journal.append(entries[0]))
    let (place, elsewhere) = (bench.directory.path, bench.directory.path + "-moved")
    #expect(rename(place, elsewhere) == 0)
    let error = await #expect(throws: JournalError.self) {
      _ = try await journal.append(entries[1])
    }
    #expect(error?.code == .moved)
    #expect(await journal.isWaiting(bench.thread), "its conversation does not overtake it")
    #expect(await journal.isWaiting(.generate()) == false)
    #expect(rename(elsewhere, place) == 0)
    #expect(try await journal.append(entries[1]))
    #expect(try await bench.drained().sent == entries)
  }

  @Test("T6 A journal whose file was replaced by another process that made it shorter goes on")
  func replaced() async throws {
    let bench = try JournalBench()
    let (mine, other) = (try bench.journal(), try bench.journal())
    let kept = bench.entry("reste")
    try await bench.fill([bench.entry("part", to: .generate()), kept])
    #expect(try await mine.countWaiting() == 2)
    await #expect(throws: ArchiveError.self) {
      _ = try await other.drain { entry in
        if entry == kept { throw ArchiveError(code: .refused, reason: "no") }
      }
    }
    #expect(try await other.remove(.generate(), of: bench.user) == 0, "makes a new file")
    let last = bench.entry("dernier")
    #expect(try await mine.append(last))
    #expect(try await bench.drained().sent == [kept, last])
  }

  @Test("T6 A file of an earlier version is taken over once, whole, whatever its marks say")
  func takesOver() async throws {
    let bench = try JournalBench()
    let entries = (0..<3).map { bench.entry("\($0)") }
    let lines = try entries.enumerated().map { number, entry in
      try bench.earlierLine(of: entry, isSent: number == 2)
    }
    try bench.directory.write(lines.joined() + Array("no line\n".utf8), to: "earlier")
    let journal = try bench.journal()
    #expect(try await journal.takeOver(from: bench.directory.file("earlier")) == 3)
    #expect(try await journal.takeOver(from: bench.directory.file("earlier")) == 0)
    #expect(bench.directory.bytes(of: "earlier") == nil)
    #expect(try bench.unreadable() == Array("no line\n".utf8))
    #expect(try await bench.drained().sent == entries)
    // Under the same name there is nothing to take over.
    try bench.directory.write(lines.joined(), to: "journal")
    #expect(try await bench.drained().sent == entries)
  }
}
