/// Why a session store did not do what it was asked.
public struct SessionStoreError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// What a caller can act on. Codes may be added.
  public struct Code: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The name of the code.
    public let rawValue: String
    /// The code of this name.
    public init(rawValue: String) { self.rawValue = rawValue }
    private init(_ name: String) { rawValue = name }
    /// The name of the code.
    public var description: String { rawValue }

    /// The scope is full and every session in it is pinned.
    public static let scopeFullOfPins = Code("scopeFullOfPins")
    /// The store does not serve now: its server cannot be reached, did not answer in time, or
    /// refuses what it may take later. See ``SessionStoreError/cause``.
    public static let unavailable = Code("unavailable")
    /// What was asked for cannot be done, now or later.
    public static let refused = Code("refused")
    /// The message, or the session, is larger than the store takes.
    public static let tooLarge = Code("tooLarge")
  }

  /// Why a store is unavailable. Causes may be added.
  public struct Cause: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The name of the cause.
    public let rawValue: String
    /// The cause of this name.
    public init(rawValue: String) { self.rawValue = rawValue }
    private init(_ name: String) { rawValue = name }
    /// The name of the cause.
    public var description: String { rawValue }

    /// Nobody answers at the address, or the connection was lost.
    public static let unreachable = Cause("unreachable")
    /// No answer came in time.
    public static let timedOut = Cause("timedOut")
    /// The server wants another user or password.
    public static let notAuthenticated = Cause("notAuthenticated")
    /// The user may not run a command, or may not use a key.
    public static let missingPermission = Cause("missingPermission")
    /// The server is a replica, or may not be written to for another reason.
    public static let readOnly = Cause("readOnly")
    /// The server has no memory left, and throws nothing out.
    public static let outOfMemory = Cause("outOfMemory")
    /// The server cannot save to its disk, and takes nothing that it could lose.
    public static let notPersisting = Cause("notPersisting")
    /// Fewer replicas are there than the server wants for a write.
    public static let tooFewReplicas = Cause("tooFewReplicas")
    /// The server reads its data after a start.
    public static let starting = Cause("starting")
    /// The server is held up by a script.
    public static let busy = Cause("busy")
    /// The server takes no more clients.
    public static let tooManyClients = Cause("tooManyClients")
    /// No node serves the keys for now, or the nodes do not agree who does.
    public static let noPrimary = Cause("noPrimary")
    /// What answers is no such server.
    public static let nonsense = Cause("nonsense")
    /// A refusal that has no name here; the reason has the server's words.
    public static let other = Cause("other")

    /// Whether the server may answer and still not write: then a read proves nothing.
    var concernsWriting: Bool {
      [.missingPermission, .readOnly, .outOfMemory, .notPersisting, .tooFewReplicas, .other]
        .contains(self)
    }
  }

  /// What a caller can act on.
  public let code: Code
  /// Why, if ``code`` is ``Code/unavailable`` and the store knows.
  public let cause: Cause?
  /// One line for a person; holds no message text and no secret.
  public let reason: String
  /// False when it is certain that the store changed nothing.
  public let mayHaveActed: Bool

  /// An error with every part given.
  public init(code: Code, reason: String, mayHaveActed: Bool = false, cause: Cause? = nil) {
    self.code = code
    self.cause = cause
    self.reason = reason
    self.mayHaveActed = mayHaveActed
  }

  /// The reason.
  public var description: String { reason }
}
