#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A message that waits for the archive.
struct JournalEntry: Sendable, Hashable {
  let user: UserID
  let thread: ConversationID
  let message: Message

  init(_ message: Message, to thread: ConversationID, of user: UserID) {
    self.user = user
    self.thread = thread
    self.message = message
  }
}

extension JournalEntry: Codable {
  private enum Key: String, CodingKey { case user, thread, message }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    user = try UserID(container.decode(String.self, forKey: .user))
    thread = try container.decode(ConversationID.self, forKey: .thread)
    message = try container.decode(Message.self, forKey: .message)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(user.name, forKey: .user)
    try container.encode(thread, forKey: .thread)
    try container.encode(message, forKey: .message)
  }
}

/// One line of the file: `{"crc32":"9ae0daaf","sent":0,"entry":{…}}`.
///
/// The checksum is that of the bytes of `entry`. `sent` becomes 1, one byte in place, when the
/// archive has the message, so that what was flushed is not flushed again if the rest has to wait.
enum JournalLine {
  private static let head = Array("{\"crc32\":\"".utf8)
  private static let middle = Array("\",\"sent\":".utf8)
  private static let tail = Array(",\"entry\":".utf8)
  private static let checksumByteCount = 8
  /// Where the digit of `sent` stands in a line.
  static let sentOffset = head.count + checksumByteCount + middle.count
  /// Where the entry begins. The bytes before it tell one line from any other.
  static let entryOffset = sentOffset + 1 + tail.count
  static let newline = UInt8(ascii: "\n")
  static let isWaiting = UInt8(ascii: "0")
  static let isSent = UInt8(ascii: "1")

  /// The bytes of a line, its end included.
  static func bytes(of entry: JournalEntry) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let body = Array(try encoder.encode(entry))
    return head + hexadecimal(CRC32.checksum(of: body)) + middle + [isWaiting] + tail + body
      + Array("}\n".utf8)
  }

  enum Content {
    case entry(JournalEntry, isSent: Bool)
    case damaged
  }

  /// Reads a line, given without its end.
  static func content(of line: ArraySlice<UInt8>) -> Content {
    let start = line.startIndex
    guard line.count > entryOffset + 1, line.last == UInt8(ascii: "}"),
      line.starts(with: head),
      line[(start + head.count + checksumByteCount)...].starts(with: middle),
      line[(start + sentOffset + 1)...].starts(with: tail)
    else { return .damaged }
    let checksum = line[(start + head.count)...].prefix(checksumByteCount)
    let body = line[(start + entryOffset)...].dropLast()
    let digit = line[start + sentOffset]
    guard checksum.elementsEqual(hexadecimal(CRC32.checksum(of: body))),
      digit == isSent || digit == isWaiting,
      let entry = try? JSONDecoder().decode(JournalEntry.self, from: Data(body))
    else { return .damaged }
    return .entry(entry, isSent: digit == isSent)
  }

  private static func hexadecimal(_ number: UInt32) -> [UInt8] {
    let digits = Array(String(number, radix: 16).utf8)
    return Array(repeating: UInt8(ascii: "0"), count: checksumByteCount - digits.count) + digits
  }
}
