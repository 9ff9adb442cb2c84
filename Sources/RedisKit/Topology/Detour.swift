/// What an attempt that failed asks for, where there is more than one node.
enum Detour: Sendable, Hashable {
  /// Another node has the slot, for good.
  case moved(slot: Int, to: RedisConfiguration.Address)
  /// The slot is on its way, and the key is at its new node already.
  case ask(RedisConfiguration.Address)
  /// Nothing is wrong with the map: the same again, a little later.
  case wait
  /// Nodes have changed roles, or are about to: find out again who has what, a little later.
  case learn

  /// What the answer of the node at `asked` means. Nil: it is the answer.
  init?(
    _ error: RedisServerError, from asked: RedisConfiguration.Address, isSafeToRepeat: Bool
  ) {
    let words = error.message.split(separator: " ")
    switch error.code {
    case "MOVED":
      guard words.count == 2, let slot = Int(words[0]),
        let address = RedisConfiguration.Address(redirection: words[1], near: asked)
      else {
        self = .learn
        return
      }
      self = .moved(slot: slot, to: address)
    case "ASK":
      guard words.count == 2,
        let address = RedisConfiguration.Address(redirection: words[1], near: asked)
      else {
        self = .wait
        return
      }
      self = .ask(address)
    case "TRYAGAIN": self = .wait
    case "CLUSTERDOWN", "READONLY", "LOADING", "MASTERDOWN": self = .learn
    // A script met a key of its slot that has gone ahead to the new node. What it did before stays
    // done, so only one that may be run twice is.
    case "ERR" where isSafeToRepeat && error.message.hasPrefix(Self.nonLocalKey): self = .wait
    default: return nil
    }
  }

  /// What a failure without an answer means. Nil: there is nothing to be done about it.
  init?(_ error: RedisError, isSafeToRepeat: Bool) {
    switch error.code {
    case .connectFailed:
      // A server that does not let us in will not do so a moment later; one that starts will.
      if let server = error.server, !server.isPassing { return nil }
      self = .learn
    case .connectionLost where isSafeToRepeat || !error.mayHaveActed: self = .learn
    // The node was let go of just when the command came.
    case .closed where !error.mayHaveActed: self = .wait
    default: return nil
    }
  }

  private static let nonLocalKey = "Script attempted to access a non local key"
}

extension RedisServerError {
  /// Whether the server will answer otherwise in a moment, without anybody doing anything.
  var isPassing: Bool {
    ["LOADING", "MASTERDOWN", "BUSY", "CLUSTERDOWN"].contains(code)
  }
}

/// The way of one command, or pipeline, from node to node: how often, and how long.
struct Course {
  /// Redirections without a pause between them.
  static let redirectionCountMax = 8

  /// What to do next.
  enum Step: Hashable {
    /// Send it to this node, with `ASKING` before it or not.
    case follow(RedisConfiguration.Address, isAsking: Bool)
    /// Pause for so many nanoseconds, then send it to whoever has the slot, after having found out
    /// anew if `isLearning`.
    case pause(Int64, isLearning: Bool)
  }

  /// On the monotonic clock; nothing is tried after it.
  let deadline: Int64
  /// Whether an attempt ended without an answer after it was sent.
  private(set) var mayHaveActed = false
  private var redirectionCount = 0
  private var pause = ReconnectPause(longest: .milliseconds(400))

  init(until deadline: Int64) { self.deadline = deadline }

  /// The next step; nil when the failure stands.
  mutating func step(
    _ detour: Detour, at now: Int64, using random: inout some RandomNumberGenerator
  ) -> Step? {
    switch detour {
    case .moved(_, let address), .ask(let address):
      redirectionCount += 1
      guard redirectionCount <= Self.redirectionCountMax, now < deadline else { return nil }
      if case .ask = detour { return .follow(address, isAsking: true) }
      return .follow(address, isAsking: false)
    case .wait, .learn:
      redirectionCount = 0
      let length = pause.next(using: &random)
      guard now + length < deadline else { return nil }
      return .pause(length, isLearning: detour == .learn)
    }
  }

  /// Notes that an attempt was sent and lost. False when that has happened before: what was sent
  /// twice is not sent a third time.
  mutating func noteLoss() -> Bool {
    defer { mayHaveActed = true }
    return !mayHaveActed
  }
}
