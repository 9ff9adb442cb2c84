import SessionCore
import TestSupport

@testable import RedisKit
@testable import SessionCoreTesting

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What one of many processes does: random operations on a few sessions that all of them use, and a
/// journal of what it was told.
struct ProcessWorker {
  static let limits = SessionLimits(sessionCountMax: 4, windowMessageCountMax: 5)
  static let operationCount = 2000

  let number: Int
  let port: UInt16
  let directory: String

  /// One operation, and the answer to it as the model test writes it.
  struct Entry: Codable {
    var kind: String
    var id: ConversationID
    var messages: [Message] = []
    var tail: MessageID?
    var flag = false
    var answer = ""

    var operation: SessionStoreOperation {
      switch kind {
      case "append": .append(messages[0], id, following: tail)
      case "pageIn": .pageIn(id, messages, count: messages.count)
      case "close": .close(id)
      case "pin": .pin(id, flag)
      case "list": .list
      default: .open(id)
      }
    }
  }

  /// Makes the server know the scripts, so that each later operation is one command.
  static func loadScripts(_ client: RedisClient) async throws {
    let store = RedisSessionStore(client: client, limits: limits, keyPrefix: "warm-up:")
    var random = RepeatableRandom(seed: 0)
    let worker = ProcessWorker(number: 0, port: 0, directory: "")
    let id = ConversationID.generate()
    for kind in ["append", "pageIn", "close", "pin", "list", "open"] {
      var entry = Entry(kind: kind, id: id)
      entry.messages = [worker.message(&random)]
      _ = try await SessionStoreModelTest.apply(entry.operation, to: store)
    }
  }

  /// Runs the operations one after another and writes the journal. In a process of its own.
  func work() async throws {
    var configuration = RedisConfiguration(address: .tcp(host: "127.0.0.1", port: port))
    configuration.clientName = "worker-\(number)"
    configuration.connectTimeout = .seconds(30)
    configuration.commandTimeout = .seconds(30)
    let client = RedisClient(configuration)
    let store = RedisSessionStore(client: client, limits: Self.limits)
    var random = RepeatableRandom(seed: UInt64(number) + 1)
    var shared = RepeatableRandom(seed: 99)
    let ids = (0..<8).map { _ in shared.conversationID() }
    var tails: [ConversationID: MessageID] = [:]
    var journal: [Entry] = []
    for _ in 0..<Self.operationCount {
      let id = ids[Int.random(in: 0..<ids.count, using: &random)]
      var entry = makeEntry(id, tail: tails[id], &random)
      let (answer, removals) = try await SessionStoreModelTest.apply(entry.operation, to: store)
      entry.answer = Self.describe(answer, removals)
      switch answer {
      case .session(let session): tails[id] = session?.messages.last?.id
      case .appended(.appended(let session)): tails[id] = session.messages.last?.id
      case .appended: tails[id] = nil
      case .done where entry.kind == "pageIn": tails[id] = entry.messages.last?.id
      default: break
      }
      journal.append(entry)
    }
    await client.close()
    let data = try JSONEncoder().encode(journal)
    try data.write(to: URL(fileURLWithPath: "\(directory)/\(number).json"))
  }

  static func journal(_ number: Int, in directory: TemporaryDirectory) throws -> [Entry] {
    let data = try Data(contentsOf: URL(fileURLWithPath: directory.file("\(number).json")))
    return try JSONDecoder().decode([Entry].self, from: data)
  }

  private func makeEntry(
    _ id: ConversationID, tail: MessageID?, _ random: inout RepeatableRandom
  ) -> Entry {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<20: return Entry(kind: "open", id: id)
    case 20..<70: return Entry(kind: "append", id: id, messages: [message(&random)], tail: tail)
    case 70..<80:
      let count = Int.random(in: 0...7, using: &random)
      return Entry(kind: "pageIn", id: id, messages: (0..<count).map { _ in message(&random) })
    case 80..<86: return Entry(kind: "close", id: id)
    // Far more is unpinned than pinned, so that seldom all are.
    case 86..<92:
      return Entry(kind: "pin", id: id, flag: Int.random(in: 0..<5, using: &random) == 0)
    default: return Entry(kind: "list", id: id)
    }
  }

  private func message(_ random: inout RepeatableRandom) -> Message {
    Message(
      id: random.messageID(), role: .user, content: "process \(number)",
      createdAt: Timestamp(milliseconds: 1))
  }

  static func describe(_ answer: SessionStoreModel.Answer, _ removals: [Removal]) -> String {
    let left = removals.map { "\($0.cause.rawValue) \($0.id)" }.joined(separator: " ")
    let told =
      switch answer {
      case .session(let session): session.map(describe) ?? "none"
      case .appended(.appended(let session)): describe(session)
      // The time left is of the server's clock, which the model does not know.
      case .list(let lines):
        lines.map { "\($0.id) \($0.messageCount) \($0.isPinned)" }.joined(separator: ", ")
      default: "\(answer)"
      }
    return "\(told); \(left)"
  }

  private static func describe(_ session: WarmSession) -> String {
    "\(session.messageCount): \(session.messages.map(\.id.description).joined(separator: " "))"
  }

}
