import BenchRandom
import Foundation
import SessionCore

/// `store open|append SESSIONS OPERATIONS`: the store in memory, through its actor, from one task.
struct StoreWorker: Worker {
  private enum Operation: String {
    case open
    case append
  }

  private static let filledMessageCount = 20
  private let operation: Operation
  private let operationCount: Int
  private let store: InMemorySessionStore
  private var random = SplitMix64(seed: 7)
  private let ids: [ConversationID]
  private var tails: [MessageID] = []
  private let content = String(repeating: "a", count: 200)

  init(_ parameters: [String]) async throws {
    guard parameters.count == 3, let operation = Operation(rawValue: parameters[0]),
      let sessionCount = Int(parameters[1]), let operationCount = Int(parameters[2])
    else { throw BenchError("store open|append SESSIONS OPERATIONS") }
    self.operation = operation
    self.operationCount = operationCount
    store = InMemorySessionStore(
      limits: SessionLimits(sessionCountMax: sessionCount, windowMessageCountMax: 50))
    var random = SplitMix64(seed: 7)
    ids = (0..<sessionCount).map { _ in ConversationID(random.uuid()) }
    for id in ids {
      var tail: MessageID?
      for _ in 0..<Self.filledMessageCount {
        let message = self.message(random.uuid())
        _ = try await store.append(
          message, to: id, in: .shared, following: tail, returningWindow: false)
        tail = message.id
      }
      if let tail { tails.append(tail) }
    }
  }

  mutating func round() async throws -> Round {
    let start = Clock.processor()
    var sink = 0
    for _ in 0..<operationCount {
      let at = Int(random.next() % UInt64(ids.count))
      switch operation {
      case .open:
        sink += try await store.open(ids[at], in: .shared).value?.messages.count ?? 0
      case .append:
        let message = self.message(random.uuid())
        let reply = try await store.append(
          message, to: ids[at], in: .shared, following: tails[at], returningWindow: true)
        guard case .appended(let session) = reply.value else { throw BenchError("stale") }
        sink += session.messages.count
        tails[at] = message.id
      }
    }
    guard sink > operationCount else { throw BenchError("the sessions are not there") }
    return Round(operationCount: operationCount, nanoseconds: Clock.processor() - start)
  }

  private func message(_ id: UUID) -> Message {
    Message(
      id: MessageID(id), role: .user, content: content,
      createdAt: Timestamp(milliseconds: 1_795_390_000_000))
  }
}
