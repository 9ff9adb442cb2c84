public import SessionCore

/// One step of the model test.
enum SessionStoreOperation: CustomStringConvertible {
  case open(ConversationID)
  case append(Message, ConversationID, following: MessageID?)
  case pageIn(ConversationID, [Message], count: Int)
  case list
  case close(ConversationID)
  case pin(ConversationID, Bool)
  case advance(Duration)

  var description: String {
    switch self {
    case .open(let id): "open \(short(id))"
    case .append(let message, let id, let tail):
      "append \(short(message.id)) to \(short(id)) following \(tail.map(short) ?? "nothing")"
    case .pageIn(let id, let messages, let count):
      "page in \(short(id)): \(messages.map { short($0.id) }), \(count) in all"
    case .list: "list"
    case .close(let id): "close \(short(id))"
    case .pin(let id, let isPinned): "\(isPinned ? "pin" : "unpin") \(short(id))"
    case .advance(let duration): "\(duration) pass"
    }
  }

  private func short(_ id: some UUIDIdentifier) -> String { String(id.description.suffix(4)) }
}

/// Runs random operations against a store and against the plainest possible model, and compares
/// everything that both say.
public enum SessionStoreModelTest {
  /// Where a store and the model differ.
  public struct Difference: Error, CustomStringConvertible {
    /// The seed, what was expected and seen, and the shortest sequence found that shows it.
    public let description: String
  }

  /// Runs the sequence of `seed`.
  ///
  /// - Throws: ``Difference``, after a search for a shorter sequence that differs too.
  public static func run(
    seed: UInt64, operationCount: Int, makeStore: SessionStoreContract.MakeStore
  ) async throws {
    var random = RepeatableRandom(seed: seed)
    let limits = SessionLimits(
      sessionCountMax: Int.random(in: 1...4, using: &random), timeToLive: .seconds(3600),
      windowMessageCountMax: Int.random(in: 1...4, using: &random))
    let operations = makeOperations(operationCount, limits, &random)
    guard var difference = try await difference(operations, limits, makeStore) else { return }
    var shortest = Array(operations[...difference.step])
    var chunk = shortest.count / 2
    while chunk >= 1 {
      var start = 0
      while start < shortest.count {
        var candidate = shortest
        candidate.removeSubrange(start..<min(start + chunk, candidate.count))
        if let found = try await self.difference(candidate, limits, makeStore) {
          difference = found
          shortest = Array(candidate[...found.step])
        } else {
          start += chunk
        }
      }
      chunk /= 2
    }
    let steps = shortest.map { "  \($0)" }.joined(separator: "\n")
    throw Difference(
      description: """
        seed \(seed), \(limits.sessionCountMax) sessions, \(limits.windowMessageCountMax) messages,\
         time to live \(limits.timeToLive):
        \(steps)
        expected \(difference.expected)
        but got  \(difference.actual)
        """)
  }

  private struct Found {
    let step: Int
    let expected: String
    let actual: String
  }

  private static func difference(
    _ operations: [SessionStoreOperation], _ limits: SessionLimits,
    _ makeStore: SessionStoreContract.MakeStore
  ) async throws -> Found? {
    let time = ManualTime()
    let store = try await makeStore(limits, time)
    var model = SessionStoreModel(limits: limits)
    for (step, operation) in operations.enumerated() {
      if case .advance(let duration) = operation { time.advance(by: duration) }
      let expected = model.apply(operation, at: time.now())
      let actual = try await apply(operation, to: store)
      if expected != actual {
        return Found(step: step, expected: "\(expected)", actual: "\(actual)")
      }
    }
    return nil
  }

  static func apply(
    _ operation: SessionStoreOperation, to store: any SessionStore
  ) async throws -> (answer: SessionStoreModel.Answer, removals: [Removal]) {
    do {
      switch operation {
      case .advance: return (.done, [])
      case .open(let id):
        let reply = try await store.open(id, in: .shared)
        return (.session(reply.value), reply.removals)
      case .append(let message, let id, let tail):
        let reply = try await store.append(
          message, to: id, in: .shared, following: tail, returningWindow: true)
        return (.appended(reply.value), reply.removals)
      case .pageIn(let id, let messages, let count):
        let reply = try await store.pageIn(
          id, in: .shared, messages: messages, messageCount: count)
        return (.done, reply.removals)
      case .list:
        let reply = try await store.list(in: .shared)
        return (.list(reply.value), reply.removals)
      case .close(let id):
        return (.done, try await store.close(id, in: .shared).removals)
      case .pin(let id, let isPinned):
        let reply = try await store.setPinned(isPinned, id, in: .shared)
        return (.wasWarm(reply.value), reply.removals)
      }
    } catch let error as SessionStoreError where error.code == .scopeFullOfPins {
      return (.fullOfPins, [])
    }
  }

  private static func makeOperations(
    _ count: Int, _ limits: SessionLimits, _ random: inout RepeatableRandom
  ) -> [SessionStoreOperation] {
    let ids = (0..<(limits.sessionCountMax + 2)).map { _ in random.conversationID() }
    var said: [ConversationID: [Message]] = [:]
    var number = 0
    func message() -> Message {
      number += 1
      return Message(
        id: random.messageID(), role: .user, content: "\(number)",
        createdAt: Timestamp(milliseconds: Int64(number)))
    }
    return (0..<count).map { _ in
      let id = ids[Int.random(in: 0..<ids.count, using: &random)]
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<15: return .open(id)
      case 15..<50:
        let tail = said[id]?.last?.id
        // Mostly what a correct caller sends; now and then a replay, or another writer's view.
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return .append(message(), id, following: nil)
        case 1: return .append(message(), id, following: random.messageID())
        case 2:
          if let replayed = said[id]?.last { return .append(replayed, id, following: tail) }
          fallthrough
        default:
          let message = message()
          said[id, default: []].append(message)
          return .append(message, id, following: tail)
        }
      case 50..<65:
        let known = said[id] ?? []
        let extra = Int.random(in: 0...2, using: &random)
        return .pageIn(id, known.suffix(6), count: min(known.count, 6) + extra)
      case 65..<75: return .list
      case 75..<80: return .close(id)
      case 80..<88: return .pin(id, Int.random(in: 0..<3, using: &random) == 0)
      default:
        // The boundary instant and the ones beside it, and everyday times.
        let some = Int.random(in: 1...2_160_000, using: &random)
        let times = [0, 1, 3_599_999, 3_600_000, 3_600_001, some]
        return .advance(.milliseconds(times[Int.random(in: 0..<times.count, using: &random)]))
      }
    }
  }
}
