import SessionCore
import TestSupport
import Testing

@testable import RedisKit
@testable import SessionCoreTesting

@Suite("Sixteen processes on one server", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct ManyProcessesTests {
  private static let processCount = 16
  private static let operationCount = 2000

  @Test("P1 P2 P4 P9 Together they do what the plainest model does, one operation after another")
  func sixteenProcesses() async throws {
    let server = try await PrivateRedis(["--client-output-buffer-limit", "replica 0 0 0"])
    let observer = RedisClient(server.configuration)
    try await ProcessWorker.loadScripts(observer)
    let directory = try TemporaryDirectory()
    let monitor = try await OrderOfCommands(port: server.port, log: directory.file("monitor"))
    let isOver = Locked(false)
    let samples = try await withThrowingTaskGroup(of: Int.self) { group in
      // On the connection's thread, so that it samples however busy Swift's shared ones are.
      group.addTask(executorPreference: observer.executor) {
        try await self.observe(observer, until: isOver)
      }
      let jobs = (0..<Self.processCount).map {
        "operations \($0) \(server.port) \(directory.path)"
      }
      defer { isOver.withLock { $0 = true } }
      let statuses = try await WorkerProcesses.run(jobs)
      #expect(statuses.allSatisfy { $0 == 0 })
      isOver.withLock { $0 = true }
      return try await group.reduce(0, +)
    }
    #expect(samples > 100)
    let order = try await monitor.end(markedBy: observer)
    #expect(order.count == Self.processCount * Self.operationCount)
    try await replay(order, directory, observer)
    await observer.close()
    await server.kill()
  }

  /// Samples the server while the processes work; each sample is one atomic look.
  private func observe(_ client: RedisClient, until isOver: Locked<Bool>) async throws -> Int {
    let script = """
      local ids = redis.call('ZRANGE', 'chat_sessions', 0, -1)
      local least = #ids == 0 and 1 or redis.call('PTTL', 'chat_sessions')
      for _, id in ipairs(ids) do
        least = math.min(least, redis.call('PTTL', 'chat_meta:' .. id))
        if redis.call('EXISTS', 'chat_history:' .. id) == 1 then
          least = math.min(least, redis.call('PTTL', 'chat_history:' .. id))
        end
      end
      local keys = redis.call('KEYS', 'chat_meta:*')
      return {#ids, least, #keys}
      """
    var count = 0
    while !isOver.withLock({ $0 }) {
      let sample = try await client.send(RedisCommand("EVAL", .text(script), 0)).array ?? []
      let numbers = sample.compactMap(\.integer)
      #expect(numbers[0] <= Int64(ProcessWorker.limits.sessionCountMax))
      #expect(numbers[1] > 0, "every key has a time to live")
      #expect(numbers[2] == numbers[0], "every session has its hash, and nobody else has")
      count += 1
    }
    return count
  }

  /// Does on the model what the processes did, in the order in which the server did it.
  private func replay(
    _ order: [Int], _ directory: TemporaryDirectory, _ client: RedisClient
  ) async throws {
    var journals = try (0..<Self.processCount).map { number in
      try ProcessWorker.journal(number, in: directory)[...]
    }
    var model = SessionStoreModel(limits: ProcessWorker.limits)
    let now = Timestamp(milliseconds: 0)
    var evictions = 0
    for (step, number) in order.enumerated() {
      guard let entry = journals[number].popFirst() else {
        Issue.record("process \(number) was seen more often than it worked")
        return
      }
      let (answer, removals) = model.apply(entry.operation, at: now)
      let expected = ProcessWorker.describe(answer, removals)
      evictions += removals.filter { $0.cause == .evicted }.count
      guard entry.answer == expected else {
        let place = "step \(step), process \(number), \(entry.operation)"
        Issue.record("\(place): expected \(expected), but got \(entry.answer)")
        return
      }
    }
    #expect(evictions > 500)
    let store = RedisSessionStore(client: client, limits: ProcessWorker.limits)
    let left = try await store.list(in: .shared).value
    #expect(left.map(\.id) == model.sessions.reversed().map(\.id))
    #expect(left.map(\.messageCount) == model.sessions.reversed().map(\.messageCount))
  }
}
