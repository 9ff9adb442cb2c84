@_exported public import FakeHTTP

/// What the fake does with one request that it found in order. Each has a name, so that a test and
/// the command line of `fake-gemini` can ask for the same thing.
public struct Scenario: Sendable, Hashable {
  enum Behaviour: Sendable, Hashable {
    case answer(AnswerPlan)
    case refuse(Refusal)
    case reply(HTTPReply)
  }

  /// The name, as in the wire reference.
  public let name: String
  var behaviour: Behaviour

  init(_ name: String, answering change: (inout AnswerPlan) -> Void) {
    self.name = name
    var plan = AnswerPlan()
    change(&plan)
    behaviour = .answer(plan)
  }

  init(_ name: String, refusing refusal: Refusal) {
    self.name = name
    behaviour = .refuse(refusal)
  }

  /// The scenario with this name; nil when there is none.
  ///
  /// Beside the names in ``all``, `finish-X` ends with the finish reason X and `blocked-X` blocks
  /// the prompt for the reason X.
  public init?(name: String) {
    if let known = Self.all.first(where: { $0.name == name }) {
      self = known
    } else if name.hasPrefix("finish-") {
      self = .finish(String(name.dropFirst("finish-".count)))
    } else if name.hasPrefix("blocked-") {
      self = .blockedPrompt(reason: String(name.dropFirst("blocked-".count)))
    } else {
      return nil
    }
  }

  /// Exactly this reply, whatever was asked.
  public static func reply(_ reply: HTTPReply) -> Scenario {
    var scenario = Scenario("reply") { _ in }
    scenario.behaviour = .reply(reply)
    return scenario
  }
}

// MARK: - Variations

extension Scenario {
  /// What happens in the middle of the answer (a stall, a cut, a reset, an error) happens after
  /// this many chunks of text.
  public func after(chunkCount: Int) -> Scenario {
    changingPlan { $0.chunkCountBefore = chunkCount }
  }

  /// Functions are called in so many rounds before the answer comes.
  public func rounds(_ count: Int) -> Scenario { changingPlan { $0.roundCount = count } }

  /// A silence ends by itself after this time, measured by the machine's clock.
  public func holding(for duration: Duration) -> Scenario {
    changingPlan { $0.holdDuration = duration }
  }

  /// The body goes out in pieces of this many bytes, cut wherever that falls.
  public func split(every byteCount: Int) -> Scenario {
    changingPlan { $0.splitting = .every(byteCount) }
  }

  /// The refusal names this delay, a protobuf duration such as `2s` or `0.5s`.
  public func retrying(in delay: String) -> Scenario {
    changingRefusal { $0.retryDelay = delay }
  }

  /// The refusal carries a `Retry-After` header, as a proxy on the way might add it.
  public func withRetryAfter(_ value: String) -> Scenario {
    changingRefusal { $0.retryAfter = value }
  }

  /// The refusal is wrapped in an array.
  public var inArray: Scenario { changingRefusal { $0.isInArray = true } }

  /// The refusal is sent as `text/event-stream`.
  public var asEventStream: Scenario { changingRefusal { $0.isEventStream = true } }

  private func changingPlan(_ change: (inout AnswerPlan) -> Void) -> Scenario {
    guard case .answer(var plan) = behaviour else { return self }
    change(&plan)
    var copy = self
    copy.behaviour = .answer(plan)
    return copy
  }

  private func changingRefusal(_ change: (inout Refusal) -> Void) -> Scenario {
    guard case .refuse(var refusal) = behaviour else { return self }
    change(&refusal)
    var copy = self
    copy.behaviour = .refuse(refusal)
    return copy
  }
}
