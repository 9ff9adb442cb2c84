/// Names a person, exactly: two names are one user only when every byte is the same, so `Awa` and
/// `awa`, or `é` written in two ways, are two.
public struct UserID: Sendable, Hashable, CustomStringConvertible {
  /// The name as it was given.
  public let name: String

  /// The longest name, in characters: the width of the archive's column.
  public static let characterCountMax = 255

  /// Takes `name` as it stands.
  ///
  /// - Throws: ``InvalidUserID`` when it is empty, longer than ``characterCountMax``, begins or
  ///   ends with white space (databases compare names as if trailing spaces were not there), or
  ///   holds a NUL.
  public init(_ name: String) throws(InvalidUserID) {
    if name.isEmpty { throw InvalidUserID(reason: "a user's name cannot be empty") }
    if name.unicodeScalars.count > Self.characterCountMax {
      throw InvalidUserID(
        reason: "a user's name has at most \(Self.characterCountMax) characters")
    }
    if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
      throw InvalidUserID(reason: "a user's name cannot begin or end with white space")
    }
    if name.unicodeScalars.contains("\0") {
      throw InvalidUserID(reason: "a user's name cannot hold a NUL character")
    }
    self.name = name
  }

  /// The name.
  public var description: String { name }

  // Swift's own comparison of strings takes canonically equivalent ones for equal; the archive,
  // which compares bytes, does not.
  /// Compares byte by byte.
  public static func == (left: UserID, right: UserID) -> Bool {
    left.name.utf8.elementsEqual(right.name.utf8)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    for byte in name.utf8 { hasher.combine(byte) }
  }
}

extension UserID: Codable {
  /// Reads the name. Throws `DecodingError` for one that cannot be a user's.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      try self.init(container.decode(String.self))
    } catch let error as InvalidUserID {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.reason)
    }
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

/// A name that cannot be a user's, and why.
public struct InvalidUserID: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// What is wrong with it.
  public let reason: String
  /// What is wrong with it.
  public var description: String { reason }
}

/// Whose sessions share one limit.
public enum Scope: Sendable, Hashable {
  /// All sessions of the store.
  case shared
  /// The sessions of one user.
  case user(UserID)
}
