/// Why a journal did not take or give what it was asked.
public struct JournalError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// What a caller can act on. Codes may be added.
  public struct Code: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The name of the code.
    public let rawValue: String
    /// The code of this name.
    public init(rawValue: String) { self.rawValue = rawValue }
    private init(_ name: String) { rawValue = name }
    /// The name of the code.
    public var description: String { rawValue }

    /// The message does not fit beside what already waits. It was not taken, and nothing was lost.
    public static let full = Code("full")
    /// Another process held the file for too long; the reason names it.
    public static let locked = Code("locked")
    /// The file cannot be opened, read or written, or is not one that can be trusted.
    public static let fileFailed = Code("fileFailed")
    /// The file or its directory was moved or removed while messages waited in it.
    public static let moved = Code("moved")
    /// A message of another conversation waits under the same id. It was not taken.
    public static let idTaken = Code("idTaken")
  }

  /// What a caller can act on.
  public let code: Code
  /// One line for a person; holds no message text.
  public let reason: String

  /// An error with every part given.
  public init(code: Code, reason: String) {
    self.code = code
    self.reason = reason
  }

  /// The reason.
  public var description: String { reason }
}
