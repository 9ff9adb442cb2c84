import TestSupport
import Testing

@testable import SessionCore

@Suite("The journal")
struct JournalTests {
  @Test("T6 What waits is flushed in order and once each, by whichever journal comes first")
  func orderAndOnce() async throws {
    let bench = try JournalBench()
    let entries = try await bench.fill((1...20).map { "message \($0)\n\u{0}\u{1E}\"é🇫🇷\"" })
    #expect(try await bench.drained().sent == entries)
    #expect(try await bench.drained().sent.isEmpty)
    #expect(bench.directory.bytes(of: "journal") == [])
  }

  @Test("T6 A message is on the disk when the journal has taken it")
  func onDisk() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal()
    #expect(try await journal.append(bench.entry("un")))
    let bytes = try #require(bench.directory.bytes(of: "journal"))
    let lines = JournalLine.lines(of: bytes)
    guard lines.count == 1, case .entry(let entry) = lines[0].content else {
      Issue.record("the line is not a waiting entry")
      return
    }
    #expect(lines[0].range == bytes.indices)
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
    #expect(try await bench.drained().sent == [entry])
  }

  @Test(
    "T2 An id that waits in another conversation is refused, and not taken for the same message")
  func idTaken() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal()
    let entry = bench.entry("un")
    #expect(try await journal.append(entry))
    let other = JournalEntry(entry.message, to: .generate(), of: bench.user)
    let error = await #expect(throws: JournalError.self) { _ = try await journal.append(other) }
    #expect(error?.code == .idTaken)
  }

  @Test("T6 A full journal refuses, says so, and loses nothing")
  func full() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal(MessageJournal.Limits(byteCountMax: 1000))
    var taken: [JournalEntry] = []
    var refusal: JournalError?
    for _ in 0..<100 where refusal == nil {
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
    #expect(try await bench.drained().sent == taken)
    #expect(try await journal.append(bench.entry("il y a de nouveau de la place")))
  }

  @Test("T6 A conversation that waits for ever does not fill the journal with what others sent")
  func room() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal(MessageJournal.Limits(byteCountMax: 2000))
    let stuck = bench.entry("refusé", to: .generate())
    #expect(try await journal.append(stuck))
    for number in 0..<30 {
      let entry = bench.entry("message \(number)", to: .generate())
      #expect(try await journal.append(entry))
      await #expect(throws: ArchiveError.self) {
        _ = try await journal.drain { entry in
          if entry == stuck { throw ArchiveError(code: .refused, reason: "not now") }
        }
      }
      #expect(journal.waitingConversations == [stuck.thread])
    }
    #expect(try await bench.drained().sent == [stuck])
  }

  @Test("T6 A flush that is stopped goes on where it stopped")
  func stoppedFlush() async throws {
    let bench = try JournalBench()
    let entries = try await bench.fill(["un", "deux", "trois", "quatre"])
    for stop in [1, 3] {
      let sent = Locked<[JournalEntry]>([])
      let error = await #expect(throws: ArchiveError.self) {
        _ = try await bench.journal().drain { entry in
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
      #expect(messages == entries.map(\.message), "a conversation is whole while a part waits")
    }
    #expect(try await bench.drained().sent == [entries[3]])
  }

  @Test(
    "T6 What the archive refuses for good is put aside, readable, and keeps nothing else waiting",
    arguments: [ArchiveError.Code.notFound, .tooLarge, .idTaken])
  func rejected(code: ArchiveError.Code) async throws {
    let bench = try JournalBench()
    let entries = try await bench.fill(["un", "deux", "trois"])
    let sent = Locked<[JournalEntry]>([])
    let journal = try bench.journal()
    let drain = try await journal.drain { entry in
      if entry == entries[1] { throw ArchiveError(code: code, reason: "never") }
      sent.withLock { $0.append(entry) }
    }
    guard case .drained(let flush) = drain else { throw JournalBench.NotDrained() }
    #expect(sent.withLock { $0 } == [entries[0], entries[2]])
    #expect(flush.sentCount == 2)
    #expect(flush.rejections.map(\.message) == [entries[1].message.id])
    #expect(flush.rejections.map(\.reason) == ["never"])
    let rejected = try await journal.rejected()
    #expect(rejected.count == 1)
    #expect(rejected.newest == flush.rejections)
    let line = String(
      decoding: try #require(bench.directory.bytes(of: "journal.rejected")), as: UTF8.self)
    #expect(line.contains(#""content":"deux""#) && line.contains(#""reason":"never""#))
    #expect(try bench.directory.permissions(of: "journal.rejected") == 0o600)
    #expect(bench.directory.bytes(of: "journal") == [])
  }

  @Test("T6 What does not fit beside what was put aside stays in the journal, and is told")
  func rejectedIsFull() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal(MessageJournal.Limits(rejectedByteCountMax: 300))
    let entries = try await bench.fill((0..<4).map { bench.entry("\($0)", to: .generate()) })
    for _ in 0..<2 {
      let error = await #expect(throws: JournalError.self) {
        _ = try await journal.drain { entry in
          if entry != entries[3] { throw ArchiveError(code: .notFound, reason: "no") }
        }
      }
      #expect(error?.code == .full)
      #expect(journal.depth == 2)
      #expect(try await journal.rejected().count == 1)
      #expect(try await journal.rejected().byteCount <= 300)
    }
    #expect(try await bench.drained().sent.count == 2, "a larger bound lets them go")
  }

  @Test("T6 A message that arrives during a flush is flushed by it, behind the others")
  func arrivesMeanwhile() async throws {
    let bench = try JournalBench()
    let journal = try bench.journal()
    let late = bench.entry("en retard")
    let first = bench.entry("un")
    #expect(try await journal.append(first))
    let sent = Locked<[JournalEntry]>([])
    _ = try await journal.drain { entry in
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
    _ = try await other.drain { _ in }
    #expect(await mine.isWaiting(bench.thread) == false)
    let next = bench.entry("un")
    #expect(try await other.append(next))
    #expect(await mine.isWaiting(bench.thread))
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

  @Test("T6 What waits of a user who is forgotten, or was put aside, leaves no byte behind")
  func forget() async throws {
    let bench = try JournalBench()
    let canary = "canari"
    let other = JournalEntry(
      bench.entry("autre").message, to: .generate(), of: try UserID("Bineta"))
    let refused = bench.entry("\(canary) refusé", to: .generate())
    try await bench.fill([bench.entry(canary), other, refused, bench.entry(canary)])
    var bytes = try #require(bench.directory.bytes(of: "journal"))
    bytes[bytes.count - 5] ^= 1
    try bench.directory.write(bytes, to: "journal")
    let journal = try bench.journal()
    await #expect(throws: ArchiveError.self) {
      _ = try await journal.drain { entry in
        throw ArchiveError(code: entry == refused ? .notFound : .refused, reason: "no")
      }
    }
    #expect(try await journal.forget(bench.user) == 3)
    #expect(bench.directory.bytes(of: "journal.new") == nil)
    for name in ["journal", "journal.rejected"] {
      let text = String(decoding: bench.directory.bytes(of: name) ?? [], as: UTF8.self)
      #expect(!text.contains(canary))
    }
    #expect(try await bench.drained().sent == [other])
  }

  @Test("T6 A conversation that is removed while it waits is not sent")
  func remove() async throws {
    let bench = try JournalBench()
    let other = bench.entry("autre", to: .generate())
    try await bench.fill([bench.entry("un"), other, bench.entry("deux")])
    #expect(try await bench.journal().remove(bench.thread, of: bench.user) == 2)
    #expect(try await bench.drained().sent == [other])
  }
}
