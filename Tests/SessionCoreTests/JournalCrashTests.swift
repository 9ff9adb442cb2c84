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

@Suite("A journal whose process dies")
struct JournalCrashTests {
  /// A moment after which nothing works any more.
  private final class Crash: Sendable {
    private let rest: Locked<Int>
    init(atStep step: Int) { rest = Locked(step) }

    func step(_ name: String) throws(JournalError) {
      let isOver = rest.withLock { rest in
        rest -= 1
        return rest <= 0
      }
      if isOver { throw JournalError(code: .fileFailed, reason: "crash before \(name)") }
    }

    var isOver: Bool { rest.withLock { $0 <= 0 } }
  }

  @Test(
    "T6 Whatever step a process dies at, nothing acknowledged is lost, doubled or out of order",
    arguments: 1...6)
  func everyStep(seed: UInt64) async throws {
    var step = 0
    var isOver = false
    while !isOver {
      step += 1
      let bench = try JournalBench()
      let archive = InMemoryArchive()
      let crash = Crash(atStep: step)
      var acknowledged: [JournalEntry] = []
      // Twice: what follows a crash may die too, at the same step.
      for crash in [crash, Crash(atStep: step)] {
        acknowledged += await run(bench, archive, crash, seed)
      }
      isOver = !crash.isOver
      let drain = try await bench.journal().drain { entry in
        _ = try await archive.append(entry.message, to: entry.thread, of: entry.user)
      }
      guard case .drained = drain else { throw JournalBench.NotDrained() }
      for thread in Set(acknowledged.map(\.thread)) {
        let stored = await archive.newestMessages(in: thread, of: bench.user, limit: 100)
        let told = acknowledged.filter { $0.thread == thread }.map(\.message.id)
        let known = Set(told)
        #expect(
          stored.map(\.id).filter(known.contains) == told, "seed \(seed), step \(step)")
      }
      #expect(bench.directory.bytes(of: "journal") == [], "seed \(seed), step \(step)")
    }
  }

  /// Journals and drains until the crash, and returns what was acknowledged.
  private func run(
    _ bench: JournalBench, _ archive: InMemoryArchive, _ crash: Crash, _ seed: UInt64
  ) async -> [JournalEntry] {
    var random = RepeatableRandom(seed: seed)
    let threads = (0..<3).map { _ in random.conversationID() }
    // So small that it has to be made shorter now and then.
    let limits = MessageJournal.Limits(byteCountMax: 2500)
    guard
      let journal = try? MessageJournal(
        path: bench.path, limits: limits, events: bench.events,
        probe: { step throws(JournalError) in try crash.step(step) })
    else { return [] }
    var acknowledged: [JournalEntry] = []
    for number in 0..<8 {
      if Int.random(in: 0..<4, using: &random) > 0 {
        let thread = threads[Int.random(in: 0..<3, using: &random)]
        let entry = bench.entry("\(number)", to: thread)
        if (try? await journal.append(entry)) == true { acknowledged.append(entry) }
      } else {
        let refused = threads[Int.random(in: 0..<3, using: &random)]
        let late = bench.entry("\(number) en retard", to: threads[0])
        let isLate = Locked(false)
        _ = try? await journal.drain { entry in
          try crash.step("send")
          if entry.thread == refused { throw ArchiveError(code: .refused, reason: "not now") }
          _ = try await archive.append(entry.message, to: entry.thread, of: entry.user)
          try crash.step("hear of it")
          if entry.thread == threads[1], (try? await journal.append(late)) == true {
            isLate.withLock { $0 = true }
          }
        }
        if isLate.withLock({ $0 }) { acknowledged.append(late) }
      }
    }
    return acknowledged
  }

  @Test(
    "T6 What a process wrote before it was killed is flushed by the next one, once and in order")
  func killed() async throws {
    for step in stride(from: 3, to: 80, by: 7) {
      let bench = try JournalBench()
      await dies(bench.path, atStep: step, bench.thread.description)
      let file = StoredFile(path: bench.directory.file("archive"))
      _ = try await bench.journal().drain { try file.store($0.message.content) }
      let stored = file.lines
      let acknowledged = StoredFile(path: bench.directory.file("acknowledged")).lines
      #expect(Set(stored).count == stored.count, "step \(step)")
      #expect(stored.filter(acknowledged.contains) == acknowledged, "step \(step)")
      #expect(stored.count <= acknowledged.count + 1)
    }
  }

  private func dies(_ path: String, atStep step: Int, _ thread: String) async {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path, step, thread] in
      let rest = Locked(step)
      let journal = try MessageJournal(
        path: path, limits: MessageJournal.Limits(), events: EventHub()
      ) { _ in
        let isOver = rest.withLock { rest in
          rest -= 1
          return rest == 0
        }
        if isOver { raise(SIGKILL) }
      }
      let directory = path.dropLast("journal".count)
      let archive = StoredFile(path: directory + "archive")
      let acknowledged = StoredFile(path: directory + "acknowledged")
      let user = try UserID("Awa")
      for number in 0..<8 {
        let message = Message(
          id: .generate(), role: .user, content: "\(number)", createdAt: .now())
        let conversation = try #require(ConversationID(thread))
        if try await journal.append(JournalEntry(message, to: conversation, of: user)) {
          try acknowledged.store("\(number)")
        }
        if number % 4 == 3 {
          _ = try await journal.drain { try archive.store($0.message.content) }
        }
      }
      raise(SIGKILL)
    }
  }

  /// Lines that are stored once each, and outlive their process.
  private struct StoredFile: Sendable {
    let path: String

    var lines: [String] {
      let descriptor = open(path, O_RDONLY)
      guard descriptor >= 0 else { return [] }
      defer { close(descriptor) }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &bytes, bytes.count)
      return String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
        .split(separator: "\n").map(String.init)
    }

    func store(_ line: String) throws {
      guard !lines.contains(line) else { return }
      let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
      defer { close(descriptor) }
      let bytes = Array((line + "\n").utf8)
      try #require(write(descriptor, bytes, bytes.count) == bytes.count)
    }
  }

  @Test("T6 Two processes that write one journal at once lose nothing")
  func twoWriters() async throws {
    let bench = try JournalBench()
    async let one: Void = writer(bench.path, "un")
    async let two: Void = writer(bench.path, "deux")
    _ = await (one, two)
    let sent = try await bench.drained().sent.map(\.message.content)
    for name in ["un", "deux"] {
      #expect(
        Set(sent.filter { $0.hasPrefix(name + " ") }) == Set((0..<100).map { "\(name) \($0)" }))
    }
    #expect(sent.count == 200)
  }

  private func writer(_ path: String, _ name: String) async {
    await #expect(processExitsWith: .success) { [path, name] in
      let journal = try MessageJournal(
        path: path, limits: MessageJournal.Limits(lockTimeout: .seconds(60)))
      let user = try UserID("Awa")
      for number in 0..<100 {
        let message = Message(
          id: .generate(), role: .user, content: "\(name) \(number)", createdAt: .now())
        _ = try await journal.append(JournalEntry(message, to: .generate(), of: user))
      }
    }
  }
}
