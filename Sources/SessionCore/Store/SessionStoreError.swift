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
    /// The server cannot be reached, or did not answer in time.
    public static let unavailable = Code("unavailable")
    /// The server answered, and refused.
    public static let refused = Code("refused")
    /// The message is larger than the store takes.
    public static let tooLarge = Code("tooLarge")
  }

  /// What a caller can act on.
  public let code: Code
  /// One line for a person; holds no message text and no secret.
  public let reason: String
  /// False when it is certain that the store changed nothing.
  public let mayHaveActed: Bool

  /// An error with every part given.
  public init(code: Code, reason: String, mayHaveActed: Bool = false) {
    self.code = code
    self.reason = reason
    self.mayHaveActed = mayHaveActed
  }

  /// The reason.
  public var description: String { reason }
}
