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

@Suite("Draining a journal")
struct JournalDrainTests {
  private let bench: JournalBench

  init() throws { bench = try JournalBench() }

  @Test("T6 Many conversations are sent at once, and each of them in its order")
  func manyAtOnce() async throws {
    let threads = (0..<40).map { _ in ConversationID.generate() }
    let entries = (0..<400).map { bench.entry("\($0)", to: threads[$0 % 40]) }
    try await bench.fill(entries)
    let seen = Locked((now: 0, most: 0, sent: [JournalEntry]()))
    _ = try await bench.journal().drain { entry in
      seen.withLock { seen in
        seen.now += 1
        seen.most = max(seen.most, seen.now)
      }
      for _ in 0..<10 { await Task.yield() }
      seen.withLock { seen in
        seen.now -= 1
        seen.sent.append(entry)
      }
    }
    let (_, most, sent) = seen.withLock { $0 }
    #expect(most > 10)
    #expect(sent.count == entries.count)
    for thread in threads {
      #expect(sent.filter { $0.thread == thread } == entries.filter { $0.thread == thread })
    }
  }

  @Test("T6 A conversation that the archive refuses for now keeps itself waiting, and no other")
  func oneRefused() async throws {
    let refused = ConversationID.generate()
    let entries = (0..<20).map { bench.entry("\($0)", to: $0 % 2 == 0 ? refused : .generate()) }
    try await bench.fill(entries)
    let journal = try bench.journal()
    let error = await #expect(throws: ArchiveError.self) {
      _ = try await journal.drain { entry in
        if entry.thread == refused { throw ArchiveError(code: .refused, reason: "not now") }
      }
    }
    #expect(error?.code == .refused)
    #expect(journal.waitingConversations == [refused])
    #expect(try await bench.drained().sent == entries.filter { $0.thread == refused })
  }

  @Test("T6 While one process drains, another one is told so at once, and both take messages")
  func busy() async throws {
    try await bench.fill(["un"])
    let (mine, other) = (try bench.journal(), try bench.journal())
    let late = bench.entry("deux")
    let elsewhere = bench.entry("ailleurs", to: .generate())
    let sent = Locked<[String]>([])
    _ = try await mine.drain { entry in
      if entry.message.content == "un" {
        let drain = try await other.drain { _ in Issue.record("a second drain") }
        #expect(drain == .busy(process: getpid()))
        #expect(try await other.append(late))
        #expect(try await other.append(elsewhere))
        #expect(await mine.isWaiting(late.thread))
        #expect(!other.isEmpty)
      }
      sent.withLock { $0.append(entry.message.content) }
    }
    #expect(sent.withLock { $0 }.sorted() == ["ailleurs", "deux", "un"])
    #expect(sent.withLock { $0 }.first == "un")
    #expect(other.isEmpty)
  }

  @Test("T6 Two processes that drain one file send each message once")
  func twoProcesses() async throws {
    let contents = (0..<200).map { "\($0)" }
    try await bench.fill(contents)
    async let one: Void = drainer(bench.path)
    async let two: Void = drainer(bench.path)
    _ = await (one, two)
    let sent = String(decoding: bench.directory.bytes(of: "journal.sent") ?? [], as: UTF8.self)
    #expect(sent.split(separator: "\n").map(String.init) == contents)
  }

  private func drainer(_ path: String) async {
    await #expect(processExitsWith: .success) { [path] in
      let journal = try MessageJournal(path: path)
      let sent = open(path + ".sent", O_WRONLY | O_CREAT | O_APPEND, 0o600)
      _ = try await journal.drain { entry in
        let line = Array((entry.message.content + "\n").utf8)
        #expect(write(sent, line, line.count) == line.count)
      }
    }
  }

  @Test("T12 A stopped process that holds the lock costs a bounded wait, and is named")
  func stoppedWriter() async throws {
    try await bench.fill(["un"])
    let lock = JournalLock(path: bench.path + ".lock")
    #expect(try lock.tryLock())
    let journal = try bench.journal(MessageJournal.Limits(lockTimeout: .milliseconds(50)))
    #expect(!journal.isEmpty)
    #expect(await journal.isWaiting(bench.thread))
    #expect(await journal.isWaiting(.generate()) == false)
    #expect(try await journal.messages(in: bench.thread, of: bench.user).count == 1)
    #expect(try await journal.countWaiting() == 1)
    let error = await #expect(throws: JournalError.self) {
      _ = try await journal.append(bench.entry("deux"))
    }
    #expect(error?.code == .locked)
    #expect(error?.reason.contains("this process") == true)
    lock.unlock()
    #expect(try await journal.append(bench.entry("deux")))
  }

  @Test("T12 The process that keeps the lock is named by its number")
  func namesProcess() async throws {
    try await bench.fill(["un"])
    try bench.directory.write(Array("1\n".utf8), to: "journal.lock")
    let lock = open(bench.path + ".lock", O_RDWR)
    defer { close(lock) }
    #expect(chmod(bench.path + ".lock", 0o600) == 0)
    #expect(flock(lock, LOCK_EX) == 0)
    let journal = try bench.journal(MessageJournal.Limits(lockTimeout: .zero))
    let error = await #expect(throws: JournalError.self) {
      _ = try await journal.append(bench.entry("deux"))
    }
    #expect(error?.reason.contains("process 1 ") == true)
  }

  @Test(
    "T12 With the archive there, no turn of another conversation waits for a stopped process",
    arguments: [[".lock"], [".drain"], [".lock", ".drain"]])
  func healthyTurn(held: [String]) async throws {
    let chat = try ChatBench(journaling: true)
    chat.archivePlan.setDown(true)
    try await chat.ask("un")
    chat.archivePlan.setDown(false)
    chat.time.advance(by: .seconds(60))
    let path = try #require(chat.service.journal?.path)
    let locks = held.map { JournalLock(path: path + $0) }
    for lock in locks { #expect(try lock.tryLock()) }
    let other = ConversationID.generate()
    let turn = try await chat.service.ask("deux", in: other, as: chat.user)
    #expect(turn.answer.content == "Bonjour")
    #expect(try await chat.archive.newestMessages(in: other, of: chat.user, limit: 9).count == 2)
    for lock in locks { lock.unlock() }
    try await chat.service.flushJournal()
    #expect(try await chat.archived().count == 2)
  }
}
