#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension ArchiveRecord: Codable {
  private enum Key: String, CodingKey {
    case type, version, user
  }

  private enum Kind: String, Codable {
    case user, thread, step, element
  }

  /// Reads an object whose `type` says what it is.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    switch try container.decode(Kind.self, forKey: .type) {
    case .user:
      let version = try container.decode(Int.self, forKey: .version)
      guard version == Self.version else {
        throw DecodingError.dataCorruptedError(
          forKey: .version, in: container, debugDescription: "unknown version \(version)")
      }
      self = .user(name: try container.decode(String.self, forKey: .user))
    case .thread: self = .thread(try ThreadRecord(from: decoder))
    case .step: self = .step(try StepRecord(from: decoder))
    case .element: self = .element(try ElementRecord(from: decoder))
    }
  }

  /// Writes an object whose `type` says what it is.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .user(let name):
      try container.encode(Kind.user, forKey: .type)
      try container.encode(Self.version, forKey: .version)
      try container.encode(name, forKey: .user)
    case .thread(let record):
      try container.encode(Kind.thread, forKey: .type)
      try record.encode(to: encoder)
    case .step(let record):
      try container.encode(Kind.step, forKey: .type)
      try record.encode(to: encoder)
    case .element(let record):
      try container.encode(Kind.element, forKey: .type)
      try record.encode(to: encoder)
    }
  }

  /// The record as one line of JSON, without the line break. The same record always gives the same
  /// bytes.
  public func line() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }

  /// Reads a line of an export.
  ///
  /// - Throws: `DecodingError` for one that is none.
  public init(line: Data) throws {
    self = try JSONDecoder().decode(ArchiveRecord.self, from: line)
  }
}
