/// What an attempt that failed asks for, where there is more than one node.
enum Detour: Sendable, Hashable {
  /// Another node has the slot, for good.
  case moved(slot: Int, to: RedisConfiguration.Address)
  /// The slot is on its way, and the key is at its new node already.
  case ask(RedisConfiguration.Address)
  /// Nothing is wrong with the map: the same again, a little later.
  case wait
  /// The same, of a script that did a part of its work before it was refused.
  case again
  /// Nodes have changed roles, or are about to: find out again who has what, a little later.
  case learn

  /// What the answer of the node at `asked` means. Nil: it is the answer.
  init?(
    _ error: RedisServerError, from asked: RedisConfiguration.Address, isSafeToRepeat: Bool
  ) {
    let words = error.message.split(separator: " ")
    switch error.code {
    case "MOVED":
      // A script can answer what it likes.
      guard words.count == 2, let slot = Int(words[0]), (0..<Slot.count).contains(slot),
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
    // What the script did before stays done, so only one that may be run twice is.
    case "ERR" where isSafeToRepeat && error.metKeyElsewhere: self = .again
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
    default: return nil
    }
  }
}

extension RedisServerError {
  /// Whether the server will answer otherwise in a moment, without anybody doing anything.
  var isPassing: Bool {
    ["LOADING", "MASTERDOWN", "BUSY", "CLUSTERDOWN"].contains(code)
  }

  /// Whether a script met a key of its slot that has gone ahead to the new node.
  var metKeyElsewhere: Bool {
    message.hasPrefix("Script attempted to access a non local key")
  }

  /// Whether it says that another node is to be asked, now or in a moment: the last word where
  /// there are several, if they have not settled it before the deadline.
  var isAboutNodes: Bool {
    ["MOVED", "ASK", "TRYAGAIN", "READONLY"].contains(code) || isPassing || metKeyElsewhere
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
  /// Whether an attempt ended without an answer after it was sent, or in the middle of a script.
  private(set) var mayHaveActed = false
  private var hasLost = false
  private var redirectionCount = 0
  private var pause = ReconnectPause(longest: .milliseconds(400))

  init(until deadline: Int64) { self.deadline = deadline }

  /// The next step; nil when the failure stands.
  mutating func step(
    _ detour: Detour, at now: Int64, using random: inout some RandomNumberGenerator
  ) -> Step? {
    var isLearning = true
    switch detour {
    case .moved(_, let address), .ask(let address):
      redirectionCount += 1
      // Beyond that, two nodes send it to and fro: they have not told each other yet.
      guard redirectionCount > Self.redirectionCountMax else {
        if now >= deadline { return nil }
        if case .ask = detour { return .follow(address, isAsking: true) }
        return .follow(address, isAsking: false)
      }
    case .learn: break
    case .again:
      mayHaveActed = true
      isLearning = false
    case .wait: isLearning = false
    }
    redirectionCount = 0
    let length = pause.next(using: &random)
    guard now + length < deadline else { return nil }
    return .pause(length, isLearning: isLearning)
  }

  /// Notes that an attempt was sent and lost. False when that has happened before: what was sent
  /// twice is not sent a third time.
  mutating func noteLoss() -> Bool {
    defer { (mayHaveActed, hasLost) = (true, true) }
    return !hasLost
  }
}
