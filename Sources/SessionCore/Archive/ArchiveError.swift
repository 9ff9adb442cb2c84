/// Why an archive did not do what it was asked.
public struct ArchiveError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// What a caller can act on. Codes may be added.
  public struct Code: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The name of the code.
    public let rawValue: String
    /// The code of this name.
    public init(rawValue: String) { self.rawValue = rawValue }
    private init(_ name: String) { rawValue = name }
    /// The name of the code.
    public var description: String { rawValue }

    /// The user has no such thread.
    public static let notFound = Code("notFound")
    /// The server cannot be reached, or did not answer in time.
    public static let unavailable = Code("unavailable")
    /// The server answered, and refused.
    public static let refused = Code("refused")
    /// The text is larger than the archive takes; nothing of it was stored.
    public static let tooLarge = Code("tooLarge")
    /// The id of the message is used in another thread.
    public static let idTaken = Code("idTaken")
    /// The message was taken back by a rewind, and cannot be said again under the same id.
    public static let rewound = Code("rewound")
    /// The cursor is not one that this archive made.
    public static let invalidCursor = Code("invalidCursor")
    /// The database has a schema that this program does not know, and was left untouched.
    public static let unknownSchema = Code("unknownSchema")
    /// The database is another program's, and was left untouched.
    public static let foreignDatabase = Code("foreignDatabase")
    /// The schema is to be made or upgraded first, which the archive was told not to do.
    public static let schemaPending = Code("schemaPending")
  }

  /// What a caller can act on.
  public let code: Code
  /// One line for a person; holds no message text and no secret.
  public let reason: String
  /// False when it is certain that the archive changed nothing.
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
