import SessionCore
import Testing

@testable import RedisKit

/// Counters that many tasks increase while something happens to the servers, and what was said of
/// each.
final class Traffic: Sendable {
  /// What is known of one counter.
  struct Tally: Sendable {
    /// Answered before the event, during it, and after it.
    var before: Int64 = 0
    var during: Int64 = 0
    var after: Int64 = 0
    /// Failed, and may have been carried out all the same.
    var uncertain: Int64 = 0
    /// Failed, and was certainly not carried out.
    var refused: Int64 = 0

    var answered: Int64 { before + during + after }
  }

  private enum Phase { case before, during, after }

  private let client: RedisClient
  private let keys: [String]
  private let tallies: Locked<[Tally]>
  private let phase = Locked(Phase.before)

  init(_ client: RedisClient, _ keys: [String]) {
    self.client = client
    self.keys = keys
    tallies = Locked(Array(repeating: Tally(), count: keys.count))
  }

  /// Increases each counter again and again, lets `event` happen after `settle`, and goes on until
  /// each was increased a hundred times more.
  ///
  /// - Parameter settle: Runs while the counters stand still, after the first hundred.
  func run(
    settle: () async throws -> Void = {}, during event: () async throws -> Void
  ) async throws -> [Tally] {
    try await withThrowingTaskGroup { group in
      for index in keys.indices { group.addTask { await self.increase(index, 100) } }
      try await group.waitForAll()
    }
    try await settle()
    phase.withLock { $0 = .during }
    try await withThrowingTaskGroup { group in
      for index in keys.indices {
        group.addTask {
          while self.phase.withLock({ $0 }) == .during { await self.increase(index, 1) }
          await self.increase(index, 100)
        }
      }
      do {
        try await event()
      } catch {
        phase.withLock { $0 = .after }
        throw error
      }
      phase.withLock { $0 = .after }
      try await group.waitForAll()
    }
    return tallies.withLock { $0 }
  }

  /// What the counters hold.
  func values() async throws -> [Int64] {
    var values: [Int64] = []
    for key in keys {
      values.append(try await client.send(RedisCommand("GET", .text(key))).integer ?? 0)
    }
    return values
  }

  private func increase(_ index: Int, _ count: Int) async {
    for _ in 0..<count {
      let phase = phase.withLock { $0 }
      do {
        _ = try await client.send(RedisCommand("INCR", .text(keys[index])))
        tallies.withLock { tallies in
          switch phase {
          case .before: tallies[index].before += 1
          case .during: tallies[index].during += 1
          case .after: tallies[index].after += 1
          }
        }
      } catch let error as RedisError where error.mayHaveActed {
        tallies.withLock { $0[index].uncertain += 1 }
      } catch {
        tallies.withLock { $0[index].refused += 1 }
        Issue.record("refused: \(error)")
      }
    }
  }
}
