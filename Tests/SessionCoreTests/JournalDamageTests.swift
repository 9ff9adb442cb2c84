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

@Suite("A journal after a crash")
struct JournalDamageTests {
  @Test("T6 Cut at any byte, it keeps every whole line, drops the torn one, says so, and goes on")
  func everyCut() async throws {
    let bench = try JournalBench()
    let entries = try await bench.fill(["un", "déux", "trois"])
    let bytes = try #require(bench.directory.bytes(of: "journal"))
    for cut in 0...bytes.count {
      try bench.directory.write(bytes[..<cut], to: "journal")
      let ends = bytes[..<cut].indices.filter { bytes[$0] == UInt8(ascii: "\n") }
      let dropped = cut - (ends.last.map { $0 + 1 } ?? 0)
      let listener = bench.events.events()
      let journal = try bench.journal()
      #expect(try await journal.countWaiting() == ends.count, "cut \(cut)")
      let next = bench.entry("suite")
      #expect(try await journal.append(next), "cut \(cut)")
      #expect(try await bench.flushed() == entries[..<ends.count] + [next], "cut \(cut)")
      var iterator = listener.makeAsyncIterator()
      let event = await iterator.next()
      #expect(
        event
          == (dropped == 0
            ? .messageJournaled(next.thread, next.message.id)
            : .journalRepaired(droppedByteCount: dropped)),
        "cut \(cut)")
    }
  }

  @Test("T6 With any byte altered, every other line is flushed and the damaged one put aside")
  func everyByte() async throws {
    let bench = try JournalBench()
    let entries = try await bench.fill(["un", "deux"])
    let bytes = try #require(bench.directory.bytes(of: "journal"))
    let end = try #require(bytes.firstIndex(of: UInt8(ascii: "\n")))
    for index in bytes.indices {
      var altered = bytes
      altered[index] ^= 0x04
      try bench.directory.write(altered, to: "journal")
      let sent = Locked<[JournalEntry]>([])
      let flush = try await bench.journal().flush { entry in sent.withLock { $0.append(entry) } }
      let aside = bench.directory.bytes(of: "journal.rejected") ?? []
      switch index {
      case end:
        // Without its end the first line runs into the second.
        #expect(sent.withLock { $0 }.isEmpty)
        #expect(aside == altered)
      case bytes.count - 1:
        #expect(sent.withLock { $0 } == [entries[0]], "the last line is torn")
        #expect(aside.isEmpty)
      default:
        #expect(sent.withLock { $0 } == [entries[index < end ? 1 : 0]], "byte \(index)")
        #expect(flush.rejections.count == 1)
        #expect(flush.rejections.first?.message == nil)
        #expect(aside == Array(index < end ? altered[...end] : altered[(end + 1)...]))
      }
      try? bench.directory.remove("journal.rejected")
    }
  }

  @Test("T6 A line that is not ours is put aside, whatever it is")
  func foreignLines() async throws {
    let bench = try JournalBench()
    let entries = try await bench.fill(["un"])
    let line = try #require(bench.directory.bytes(of: "journal"))
    let junk = ["", "{}", "bonjour", String(repeating: "x", count: 300)].map {
      Array(($0 + "\n").utf8)
    }
    try bench.directory.write(junk.joined() + line + junk.joined(), to: "journal")
    #expect(try await bench.flushed() == entries)
    #expect(bench.directory.bytes(of: "journal.rejected") == Array((junk + junk).joined()))
  }

  @Test("T6 Two processes that write one journal at once lose nothing")
  func twoWriters() async throws {
    let bench = try JournalBench()
    async let one: Void = writer(bench.path, "un")
    async let two: Void = writer(bench.path, "deux")
    _ = await (one, two)
    let sent = try await bench.flushed().map(\.message.content)
    for name in ["un", "deux"] {
      #expect(
        sent.filter { $0.hasPrefix(name + " ") } == (0..<100).map { "\(name) \($0)" })
    }
    #expect(sent.count == 200)
  }

  private func writer(_ path: String, _ name: String) async {
    await #expect(processExitsWith: .success) { [path, name] in
      let journal = try MessageJournal(path: path)
      let user = try UserID("Awa")
      for number in 0..<100 {
        let message = Message(
          id: .generate(), role: .user, content: "\(name) \(number)", createdAt: .now())
        _ = try await journal.append(JournalEntry(message, to: .generate(), of: user))
      }
    }
  }

  @Test("T6 What a process wrote before it was killed is flushed by the next one")
  func killed() async throws {
    let bench = try JournalBench()
    await writeUntilKilled(bench.path)
    #expect(try await bench.flushed().map(\.message.content) == (0..<10).map { "\($0)" })
  }

  private func writeUntilKilled(_ path: String) async {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path] in
      let journal = try MessageJournal(path: path)
      let user = try UserID("Awa")
      for number in 0..<10 {
        let message = Message(
          id: .generate(), role: .user, content: "\(number)", createdAt: .now())
        _ = try await journal.append(JournalEntry(message, to: .generate(), of: user))
      }
      raise(SIGKILL)
    }
  }

  @Test("T6 Two processes never flush one file at once: each message is sent by one of them")
  func twoFlushers() async throws {
    let bench = try JournalBench()
    let contents = (0..<200).map { "\($0)" }
    try await bench.fill(contents)
    async let one: Void = flusher(bench.path)
    async let two: Void = flusher(bench.path)
    _ = await (one, two)
    let sent = String(decoding: bench.directory.bytes(of: "journal.sent") ?? [], as: UTF8.self)
    #expect(sent.split(separator: "\n").map(String.init) == contents)
  }

  private func flusher(_ path: String) async {
    await #expect(processExitsWith: .success) { [path] in
      let journal = try MessageJournal(path: path)
      let sent = open(path + ".sent", O_WRONLY | O_CREAT | O_APPEND, 0o600)
      _ = try await journal.flush { entry in
        let line = Array((entry.message.content + "\n").utf8)
        #expect(write(sent, line, line.count) == line.count)
      }
    }
  }

  @Test("T6 A process that waits for another one's flush gives up at its deadline, and says why")
  func lockDeadline() async throws {
    let bench = try JournalBench()
    try await bench.fill(["un"])
    let other = try bench.journal(MessageJournal.Limits(lockTimeout: .zero))
    let flushing = try bench.journal()
    _ = try await flushing.flush { entry in
      let error = await #expect(throws: JournalError.self) {
        _ = try await other.append(entry)
      }
      #expect(error?.code == .locked)
    }
    #expect(try await other.append(bench.entry("deux")))
  }
}
