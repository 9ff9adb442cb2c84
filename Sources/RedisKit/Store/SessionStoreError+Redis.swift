import SessionCore

extension SessionStoreError {
  /// What a failure of the client means to the callers of a store.
  ///
  /// Whatever the server refuses, it may take back: somebody gives it memory, a primary, a
  /// permission. So a refusal is the same as a server that is away, and says why. What is refused
  /// for good is what this program asks for: a setting or a command that cannot be.
  init(_ error: RedisError) {
    let code: Code
    let cause: Cause?
    switch error.code {
    case .invalidConfiguration, .unsupportedCommand: (code, cause) = (.refused, nil)
    case .replyTooLarge: (code, cause) = (.tooLarge, nil)
    case .protocolViolation: (code, cause) = (.unavailable, .nonsense)
    case .timedOut: (code, cause) = (.unavailable, .timedOut)
    default: (code, cause) = (.unavailable, error.server.map(Cause.init) ?? .unreachable)
    }
    self.init(code: code, reason: error.reason, mayHaveActed: error.mayHaveActed, cause: cause)
  }
}

extension SessionStoreError.Cause {
  /// What the server's word means.
  init(_ error: RedisServerError) {
    switch error.code {
    case "NOPERM": self = .missingPermission
    case "NOAUTH", "WRONGPASS", "DENIED": self = .notAuthenticated
    case "READONLY": self = .readOnly
    case "OOM": self = .outOfMemory
    case "MISCONF": self = .notPersisting
    case "NOREPLICAS": self = .tooFewReplicas
    case "LOADING": self = .starting
    case "BUSY", "UNKILLABLE": self = .busy
    case "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "MOVED", "ASK": self = .noPrimary
    case "ERR" where error.message.hasPrefix("unknown command"): self = .missingPermission
    // Before version 7.2 what a script may not do had no word of its own.
    case "ERR" where error.message.hasPrefix("The user executing the script can't"):
      self = .missingPermission
    case "ERR" where error.message.hasPrefix("max number of clients"): self = .tooManyClients
    default: self = error.metKeyElsewhere ? .noPrimary : .other
    }
  }
}
