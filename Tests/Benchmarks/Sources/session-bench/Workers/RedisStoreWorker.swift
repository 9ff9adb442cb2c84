import Foundation
import RedisKit
import SessionCore

/// `redis-store append|turn TASKS OPERATIONS`: each task adds messages to a session of its own.
///
/// `append` asks for nothing back. A `turn` is the Redis side of one: the question, with the window
/// of 20 messages back, and the answer.
struct RedisStoreWorker: Worker {
  private enum Operation: String {
    case append
    case turn
  }

  private let operation: Operation
  private let taskCount: Int
  private let operationCount: Int
  private let client: RedisClient
  private let store: RedisSessionStore

  init(_ parameters: [String]) async throws {
    guard parameters.count == 3, let operation = Operation(rawValue: parameters[0]),
      let taskCount = Int(parameters[1]), let operationCount = Int(parameters[2])
    else { throw BenchError("redis-store append|turn TASKS OPERATIONS") }
    self.operation = operation
    self.taskCount = taskCount
    self.operationCount = operationCount
    client = RedisClient(try RedisConfiguration(url: environment("REDIS_URL")))
    store = RedisSessionStore(
      client: client,
      limits: SessionLimits(
        sessionCountMax: max(taskCount, 3), windowMessageCountMax: operation == .turn ? 20 : 200))
  }

  func round() async throws -> Round {
    _ = try await client.send(RedisCommand("FLUSHDB"))
    let writers = (0..<taskCount).map { _ in SessionWriter(store) }
    return try await runTasks(taskCount, operationCount) { [operation] task, _ in
      switch operation {
      case .append: _ = try await writers[task].append(.user, returningWindow: false)
      case .turn:
        let window = try await writers[task].append(.user, returningWindow: true)
        guard window.messages.last?.role == .user else { throw BenchError("no window") }
        _ = try await writers[task].append(.assistant, returningWindow: false)
      }
    }
  }

  func end() async throws { await client.close() }
}

/// Adds messages of 200 bytes to one session. Used by one task at a time.
final class SessionWriter: @unchecked Sendable {
  // Sendable because each writer belongs to one task.
  private let store: any SessionStore
  private let id = ConversationID.generate()
  private var tail: MessageID?
  private static let content = String(repeating: "Il était une fois, ", count: 10)

  init(_ store: any SessionStore) { self.store = store }

  func append(_ role: Role, returningWindow: Bool) async throws -> WarmSession {
    let message = Message(
      id: .generate(), role: role, content: Self.content, createdAt: .now())
    let reply = try await store.append(
      message, to: id, in: .shared, following: tail, returningWindow: returningWindow)
    guard case .appended(let session) = reply.value else {
      throw BenchError("the session is \(reply.value)")
    }
    tail = message.id
    return session
  }
}
