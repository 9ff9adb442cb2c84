#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Names a conversation: the session while it is warm, the thread in the archive; both have the
/// same UUID. Two spellings of one UUID, capitals or not, are one value.
public struct ConversationID: Sendable, Hashable, UUIDIdentifier {
  /// The UUID itself.
  public let uuid: UUID
  /// Names the conversation `uuid`.
  public init(_ uuid: UUID) { self.uuid = uuid }

  /// A new name (UUID version 4).
  public static func generate() -> ConversationID { ConversationID(UUID()) }

  /// Hashes the UUID.
  public func hash(into hasher: inout Hasher) { hasher.combine(uuid) }

  /// One multiplication with secret numbers, which differ from process to process, so that nobody
  /// outside can choose ids that collide. ``LRUCache`` hashes its keys with it: it takes a tenth of
  /// what the standard library's hash takes, which is most of what using an entry costs.
  @inlinable public var hashValue: Int {
    // Read where it stands: taken apart, its 16 bytes would be put together again one by one.
    let words = withUnsafeBytes(of: uuid) { $0.loadUnaligned(as: (UInt64, UInt64).self) }
    let product = (words.0 ^ hashSeed.0).multipliedFullWidth(by: words.1 ^ hashSeed.1)
    let mixed = product.low ^ product.high
    return Int(truncatingIfNeeded: mixed ^ (mixed >> 32))
  }
}

/// Drawn once in the life of a process.
@usableFromInline let hashSeed = (
  UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)
)

/// Names a message. What is written twice under one id is stored once.
public struct MessageID: Sendable, Hashable, UUIDIdentifier {
  /// The UUID itself.
  public let uuid: UUID
  /// Names the message `uuid`.
  public init(_ uuid: UUID) { self.uuid = uuid }

  /// A new id (UUID version 7, RFC 9562): it begins with the time, so ids made one after another
  /// stay together in an index. Order inside a thread never rests on it.
  public static func generate(at time: Timestamp = .now()) -> MessageID {
    var bytes = UUID().uuid
    let milliseconds = UInt64(bitPattern: time.milliseconds)
    bytes.0 = UInt8(truncatingIfNeeded: milliseconds >> 40)
    bytes.1 = UInt8(truncatingIfNeeded: milliseconds >> 32)
    bytes.2 = UInt8(truncatingIfNeeded: milliseconds >> 24)
    bytes.3 = UInt8(truncatingIfNeeded: milliseconds >> 16)
    bytes.4 = UInt8(truncatingIfNeeded: milliseconds >> 8)
    bytes.5 = UInt8(truncatingIfNeeded: milliseconds)
    bytes.6 = 0x70 | (bytes.6 & 0x0F)
    return MessageID(UUID(uuid: bytes))
  }

  /// The id of the answer to the question of this id: always the same one, so that a turn that is
  /// replayed, here or in another process, cannot store a second answer.
  ///
  /// It is the question's id with the lowest of its random bits inverted.
  public var answer: MessageID { step(1) }

  /// The id of message `number` of the turn that this question begins: 1 is the answer, the tool
  /// rounds before it have the numbers from 2. The same number always gives the same id.
  package func step(_ number: UInt16) -> MessageID {
    var bytes = uuid.uuid
    bytes.14 ^= UInt8(truncatingIfNeeded: number >> 8)
    bytes.15 ^= UInt8(truncatingIfNeeded: number)
    return MessageID(UUID(uuid: bytes))
  }

  /// Whether ``step(_:)`` of `question` can give this id.
  package func isStep(of question: MessageID) -> Bool { stepNumber(of: question) > 0 }

  /// The number that ``step(_:)`` of `question` gives this id for; 0 when there is none.
  package func stepNumber(of question: MessageID) -> UInt16 {
    var bytes = uuid.uuid
    let other = question.uuid.uuid
    let number = UInt16(bytes.14 ^ other.14) << 8 | UInt16(bytes.15 ^ other.15)
    (bytes.14, bytes.15) = (other.14, other.15)
    return UUID(uuid: bytes) == question.uuid ? number : 0
  }

  /// The id of the copy of this message in the conversation `copy`: always the same one, so that a
  /// fork that is made again makes the same messages.
  ///
  /// The time in the id stays, the random bits are mixed with those of the conversation. The copy
  /// of a question's ``answer`` is the answer of the question's copy.
  public func copied(into copy: ConversationID) -> MessageID {
    let name = copy.uuid.uuid
    var bytes = uuid.uuid
    bytes.6 ^= name.6 & 0x0F
    bytes.7 ^= name.7
    bytes.8 ^= name.8 & 0x3F
    bytes.9 ^= name.9
    bytes.10 ^= name.10
    bytes.11 ^= name.11
    bytes.12 ^= name.12
    bytes.13 ^= name.13
    bytes.14 ^= name.14
    bytes.15 ^= name.15
    return MessageID(UUID(uuid: bytes))
  }
}

/// What the two kinds of id share: text in small letters, one value whatever the spelling.
public protocol UUIDIdentifier: Codable, LosslessStringConvertible, Comparable {
  /// The UUID itself.
  var uuid: UUID { get }
  /// Wraps `uuid`.
  init(_ uuid: UUID)
}

extension UUIDIdentifier {
  /// Reads the 36-character form, in any case. Nil when it is not a UUID.
  public init?(_ description: String) {
    guard let uuid = UUIDText.uuid(description) else { return nil }
    self.init(uuid)
  }

  /// As the one above, of UTF-8.
  package init?(utf8 description: UnsafeBufferPointer<UInt8>) {
    guard let uuid = UUIDText.uuid(description) else { return nil }
    self.init(uuid)
  }

  /// The 36-character form in small letters.
  public var description: String { UUIDText.text(uuid) }

  /// Orders by the bytes of the UUID, which is also the order of the text.
  public static func < (left: Self, right: Self) -> Bool { left.uuid < right.uuid }

  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Self(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID: \(text)")
    }
    self = value
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
