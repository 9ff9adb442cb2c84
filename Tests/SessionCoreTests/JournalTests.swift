import TestSupport
import Testing

@testable import SessionCore

@Suite("The journal")
struct JournalTests {
  @Test("T6 What waits is flushed in order and once each, by whichever journal comes first")
  func orderAndOnce() async throws {
    let bench = try JournalBench()
    let entries = try await bench.fill((1...20).map { "message \($0)\n\u{0}\"é🇫🇷\"" })
    #expect(try await bench.flushed() == entries)
    #expect(try await bench.flushed().isEmpty)
    #expect(bench.directory.bytes(of: "journal") == [])
  }

  @Test("T6 A message is on the disk when the journal has taken it")
  func onDisk() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal()
    #expect(try await journal.append(bench.entry("un")))
    let bytes = try #require(bench.directory.bytes(of: "journal"))
    #expect(bytes.last == UInt8(ascii: "\n"))
    guard case .entry(let entry, false) = JournalLine.content(of: bytes.dropLast()[...]) else {
      Issue.record("the line is not a waiting entry")
      return
    }
    #expect(entry.message.content == "un")
  }

  @Test("T2 A message that waits already is not written again")
  func twice() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal()
    let entry = bench.entry("un")
    #expect(try await journal.append(entry))
    #expect(try await journal.append(entry) == false)
    #expect(try await bench.journal().append(entry) == false)
    #expect(try await bench.flushed() == [entry])
  }

  @Test("T6 Only the owner can read a journal, also one that was made readable to others")
  func permissions() async throws {
    let bench = try JournalBench()
    try bench.directory.write([], to: "journal")
    try await bench.fill(["un"])
    #expect(try bench.directory.permissions(of: "journal") == 0o600)
  }

  @Test("T6 A full journal refuses, says so, and loses nothing")
  func full() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal(MessageJournal.Limits(byteCountMax: 1000))
    var taken: [JournalEntry] = []
    var refusal: JournalError?
    while refusal == nil {
      let entry = bench.entry("message")
      do {
        _ = try await journal.append(entry)
        taken.append(entry)
      } catch let error as JournalError {
        refusal = error
      }
    }
    #expect(refusal?.code == .full)
    #expect(refusal?.reason.contains("\(taken.count) messages wait") == true)
    #expect(taken.count >= 2)
    #expect(journal.depth == taken.count)
    #expect(try await bench.flushed() == taken)
    #expect(try await journal.append(bench.entry("il y a de nouveau de la place")))
  }

  @Test("T6 A flush that is stopped goes on where it stopped")
  func stoppedFlush() async throws {
    let bench = try JournalBench()
    let entries = try await bench.fill(["un", "deux", "trois", "quatre"])
    for stop in [1, 3] {
      let sent = Locked<[JournalEntry]>([])
      let error = await #expect(throws: ArchiveError.self) {
        _ = try await bench.journal().flush { entry in
          if entry == entries[stop] {
            throw ArchiveError(code: .unavailable, reason: "away again")
          }
          sent.withLock { $0.append(entry) }
        }
      }
      #expect(error?.code == .unavailable)
      #expect(sent.withLock { $0 } == Array(entries[(stop == 1 ? 0 : 1)..<stop]))
      let journal = try bench.journal()
      #expect(try await journal.countWaiting() == 4 - stop)
      let messages = try await journal.messages(in: bench.thread, of: bench.user)
      #expect(messages == entries.map(\.message), "a conversation is whole until the file is empty")
    }
    #expect(try await bench.flushed() == [entries[3]])
  }

  @Test(
    "T6 What the archive refuses for good is put aside, readable, and keeps nothing else waiting",
    arguments: [ArchiveError.Code.notFound, .tooLarge, .idTaken])
  func rejected(code: ArchiveError.Code) async throws {
    let bench = try JournalBench()
    let entries = try await bench.fill(["un", "deux", "trois"])
    let line = try JournalLine.bytes(of: entries[1])
    let sent = Locked<[JournalEntry]>([])
    let flush = try await bench.journal().flush { entry in
      if entry == entries[1] { throw ArchiveError(code: code, reason: "never") }
      sent.withLock { $0.append(entry) }
    }
    #expect(sent.withLock { $0 } == [entries[0], entries[2]])
    #expect(flush.sentCount == 2)
    #expect(flush.rejections.map(\.message) == [entries[1].message.id])
    #expect(flush.rejections.map(\.reason) == ["never"])
    #expect(bench.directory.bytes(of: "journal.rejected") == line)
    #expect(try bench.directory.permissions(of: "journal.rejected") == 0o600)
    #expect(bench.directory.bytes(of: "journal") == [])
  }

  @Test("T6 A message that arrives during a flush is flushed by it, behind the others")
  func arrivesMeanwhile() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal()
    let late = bench.entry("en retard")
    let first = bench.entry("un")
    #expect(try await journal.append(first))
    let sent = Locked<[JournalEntry]>([])
    _ = try await journal.flush { entry in
      if entry == first { _ = try await journal.append(late) }
      sent.withLock { $0.append(entry) }
    }
    #expect(sent.withLock { $0 } == [first, late])
    #expect(journal.isEmpty)
  }

  @Test("T6 A journal that another process empties and fills again is read anew")
  func changedByAnother() async throws {
    let bench = try JournalBench()
    let (mine, other) = (try bench.journal(), try bench.journal())
    #expect(try await mine.append(bench.entry("un")))
    _ = try await other.flush { _ in }
    let next = bench.entry("un")
    #expect(try await other.append(next))
    #expect(try await mine.messages(in: bench.thread, of: bench.user) == [next.message])
    #expect(try await mine.countWaiting() == 1)
  }

  @Test("A1 A user is shown nothing of what another one has waiting")
  func foreign() async throws {
    let bench = try JournalBench()
    try await bench.fill(["secret"])
    let journal = try bench.journal()
    #expect(try await journal.messages(in: bench.thread, of: UserID("Bineta")).isEmpty)
    #expect(try await journal.messages(in: .generate(), of: bench.user).isEmpty)
  }

  @Test(
    "A journal that cannot be one is a clear error", arguments: ["", "/dev/null", "/nowhere/j"])
  func unusable(path: String) throws {
    let error = #expect(throws: JournalError.self) { try MessageJournal(path: path) }
    #expect(error?.code == .fileFailed)
    #expect(error?.reason.contains("journal \(path)") == true)
  }

  @Test("A journal whose file was removed refuses, rather than write where nobody will look")
  func removed() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal()
    try bench.directory.remove("journal")
    let error = await #expect(throws: JournalError.self) {
      _ = try await journal.append(bench.entry("un"))
    }
    #expect(error?.code == .fileFailed)
  }
}
