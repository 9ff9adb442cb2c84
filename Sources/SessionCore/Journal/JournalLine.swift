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

/// One line of the file: a record separator, `{"crc32":"9ae0daaf","entry":{…}}`, a line feed (a
/// JSON
/// text sequence, RFC 7464).
///
/// The checksum is that of the bytes behind it up to the line feed; all other bytes are always the
/// same. So no bit can change without being noticed. JSON writes both marks as escapes, so a line
/// that lost one of its own cannot run into the next.
///
/// A file of an earlier version holds lines `{"crc32":"9ae0daaf","sent":0,"entry":{…}}` with the
/// checksum of the entry alone. They are read; what `sent` says is not believed, since nothing
/// vouches for it and sending a message again changes nothing.
enum JournalLine {
  /// What a line says.
  enum Content: Sendable {
    /// A message waits.
    case entry(JournalEntry)
    /// These messages of lines before need not wait any more.
    case done([MessageID])
    /// A new file was put in the place of this one, which ends here.
    case replaced
    /// Nothing that can be believed.
    case damaged
  }

  private struct Body: Codable {
    var entry: JournalEntry?
    var done: [MessageID]?
    var replaced: Bool?
  }

  private static let start: UInt8 = 0x1E
  private static let end = UInt8(ascii: "\n")
  private static let opening = Array("{\"crc32\":\"".utf8)
  private static let middle = Array("\",".utf8)
  private static let earlierMiddle = Array("\",\"sent\":".utf8)
  private static let earlierTail = Array(",\"entry\":".utf8)
  private static let checksumByteCount = 8
  /// Bytes of a line that tell it from any other.
  static let headByteCount = 1 + opening.count + checksumByteCount

  static func bytes(of entry: JournalEntry) throws -> [UInt8] { try bytes(of: Body(entry: entry)) }

  static func bytes(done ids: [MessageID]) throws -> [UInt8] { try bytes(of: Body(done: ids)) }

  static func bytesOfReplaced() throws -> [UInt8] { try bytes(of: Body(replaced: true)) }

  private static func bytes(of body: Body) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let rest = Array(try encoder.encode(body).dropFirst())
    return [start] + opening + hexadecimal(CRC32.checksum(of: rest)) + middle + rest + [end]
  }

  /// The lines that begin in `bytes`, with their ends. The last one is left out while it has none:
  /// it was cut short, or is being written.
  ///
  /// - Complexity: O(n).
  static func lines(
    of bytes: [UInt8]
  ) -> [(range: Range<Int>, content: Content)] {
    var lines: [(range: Range<Int>, content: Content)] = []
    var first = 0
    for index in bytes.indices {
      // A line that lost its end ends where the next one begins.
      let isNext = bytes[index] == start && index > first
      guard isNext || bytes[index] == end else { continue }
      let range = first..<(isNext ? index : index + 1)
      lines.append((range, content(of: bytes[range])))
      first = range.upperBound
    }
    return lines
  }

  private static func content(of line: ArraySlice<UInt8>) -> Content {
    guard line.last == end, let first = line.first else { return .damaged }
    let text = line.dropLast()
    let content = first == start ? content(ofText: text.dropFirst()) : earlierContent(of: text)
    return content ?? .damaged
  }

  private static func content(ofText text: ArraySlice<UInt8>) -> Content? {
    guard let (checksum, rest) = parts(of: text, middle),
      checksum.elementsEqual(hexadecimal(CRC32.checksum(of: rest))),
      let body = try? JSONDecoder().decode(Body.self, from: Data([UInt8(ascii: "{")] + rest))
    else { return nil }
    if let entry = body.entry { return .entry(entry) }
    if let done = body.done { return .done(done) }
    return body.replaced == true ? .replaced : nil
  }

  private static func earlierContent(of text: ArraySlice<UInt8>) -> Content? {
    guard text.last == UInt8(ascii: "}"), let (checksum, rest) = parts(of: text, earlierMiddle),
      rest.dropFirst().starts(with: earlierTail)
    else { return nil }
    let body = rest.dropFirst(1 + earlierTail.count).dropLast()
    guard checksum.elementsEqual(hexadecimal(CRC32.checksum(of: body))),
      let entry = try? JSONDecoder().decode(JournalEntry.self, from: Data(body))
    else { return nil }
    return .entry(entry)
  }

  /// The checksum, and what stands behind `middle`.
  private static func parts(
    of text: ArraySlice<UInt8>, _ middle: [UInt8]
  ) -> (checksum: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)? {
    guard text.starts(with: opening) else { return nil }
    let checksum = text.dropFirst(opening.count).prefix(checksumByteCount)
    let behind = text[checksum.endIndex...]
    guard behind.starts(with: middle) else { return nil }
    return (checksum, behind.dropFirst(middle.count))
  }

  private static func hexadecimal(_ number: UInt32) -> [UInt8] {
    let digits = Array(String(number, radix: 16).utf8)
    return Array(repeating: UInt8(ascii: "0"), count: checksumByteCount - digits.count) + digits
  }
}
