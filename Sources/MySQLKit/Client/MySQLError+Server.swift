extension MySQLError {
  /// Which part of a statement's life an error belongs to.
  enum Phase {
    /// Nothing was asked of the server yet.
    case connecting
    /// The statement was made ready, and not run.
    case preparing
    /// The statement was sent.
    case running
  }

  /// An error as the library tells it.
  ///
  /// Only a connection that broke while a statement ran leaves in doubt what the server did: an
  /// error that the server itself reports has undone its statement.
  init(errno: UInt32, sqlState: String, message: String, phase: Phase) {
    let code = Code(errno: errno, phase: phase)
    self.init(
      code: code, reason: Self.reason(code, Self.words(message, errno: errno, sqlState: sqlState)),
      errno: errno, sqlState: sqlState,
      serverMessage: message,
      mayHaveActed: phase == .running && code == .connectionLost && errno != serverGone)
  }

  /// Whether the library found the error, and not the server that it speaks with; or the server
  /// said good-bye with it.
  var isOfLibrary: Bool {
    code == .connectionLost || errno.map { (2000..<3000).contains($0) || $0 >= 5000 } == true
  }

  /// What happened, and the server's words where they say more.
  private static func reason(_ code: Code, _ words: String) -> String {
    switch code {
    case .connectFailed, .accessDenied, .refused: "the database refused: \(words)"
    case .connectionLost: "the connection to the database broke"
    case .deadlock: "the transaction had to give way to another one"
    case .lockTimedOut: "another transaction held a row for too long"
    case .duplicateKey: "the row is there already: \(words)"
    case .tooLarge: "the statement is larger than the server takes"
    case .interrupted: "the statement was stopped"
    default: words
    }
  }
}

/// The library could not send: nothing of the statement reached the server whole.
private let serverGone: UInt32 = 2006

extension MySQLError.Code {
  fileprivate init(errno: UInt32, phase: MySQLError.Phase) {
    self =
      switch errno {
      case 1044, 1045, 1049, 1142, 1143, 1227, 1370, 1410, 1698: .accessDenied
      case _ where phase == .connecting: .connectFailed
      // Also: the server shuts down, or the connection was killed or left idle for too long.
      // A TLS session tells an end of its connection as an error of its own (2026).
      // A statement whose connection broke while its rows were read is "closed" (2056), or has no
      // error at all.
      case 0, 2006, 2013, 2026, 2055, 2056, 1053, 1077, 1079, 1158, 1159, 1160, 1161, 1927, 4031:
        .connectionLost
      case 1213: .deadlock
      case 1205: .lockTimedOut
      case 1062, 1586: .duplicateKey
      case 1153, 2020: .tooLarge
      case 1317, 1969, 3024: .interrupted
      default: .refused
      }
  }
}
