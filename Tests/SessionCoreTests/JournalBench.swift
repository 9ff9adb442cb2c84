import TestSupport
import Testing

@testable import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A journal in a directory of its own, with messages to put in it.
struct JournalBench {
  let directory: TemporaryDirectory
  let events = EventHub()
  let user: UserID
  let thread: ConversationID

  init() throws {
    directory = try TemporaryDirectory()
    user = try UserID("Awa")
    thread = .generate()
  }

  var path: String { directory.file("journal") }

  func journal(
    _ limits: MessageJournal.Limits = MessageJournal.Limits()
  ) throws -> MessageJournal {
    try MessageJournal(path: path, limits: limits, events: events)
  }

  func entry(_ content: String, to thread: ConversationID? = nil) -> JournalEntry {
    let message = Message(
      id: .generate(), role: .user, content: content,
      createdAt: Timestamp(milliseconds: 1_795_390_000_000))
    return JournalEntry(message, to: thread ?? self.thread, of: user)
  }

  /// Journals messages with these texts, and returns them.
  @discardableResult
  func fill(_ contents: [String]) async throws -> [JournalEntry] {
    try await fill(contents.map { entry($0) })
  }

  /// Journals messages, and returns them.
  @discardableResult
  func fill(_ entries: [JournalEntry]) async throws -> [JournalEntry] {
    let journal = try journal()
    for entry in entries { #expect(try await journal.append(entry)) }
    return entries
  }

  /// Drains a journal of its own on the file, and returns what it sent, and what came of it.
  func drained() async throws -> (sent: [JournalEntry], flush: JournalFlush) {
    let sent = Locked<[JournalEntry]>([])
    let drain = try await journal().drain { entry in sent.withLock { $0.append(entry) } }
    guard case .drained(let flush) = drain else { throw NotDrained() }
    return (sent.withLock { $0 }, flush)
  }

  struct NotDrained: Error {}

  /// The lines of a file, with their ends.
  func lines(of name: String = "journal") -> [[UInt8]] {
    let bytes = directory.bytes(of: name) ?? []
    return bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) + [UInt8(ascii: "\n")] }
  }

  /// What was put aside of lines that cannot be read, as it stood there.
  func unreadable() throws -> [UInt8] {
    struct Record: Decodable {
      var line: String?
      var bytes: String?
    }
    return try lines(of: "journal.rejected").flatMap { line -> [UInt8] in
      let record = try JSONDecoder().decode(Record.self, from: Data(line))
      return record.line.map { Array($0.utf8) }
        ?? record.bytes.flatMap { Data(base64Encoded: $0) }.map { Array($0) } ?? []
    }
  }

  /// A line as an earlier version wrote it.
  func earlierLine(of entry: JournalEntry, isSent: Bool) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let body = Array(try encoder.encode(entry))
    let digits = String(CRC32.checksum(of: body), radix: 16)
    let checksum = String(repeating: "0", count: 8 - digits.count) + digits
    return Array("{\"crc32\":\"\(checksum)\",\"sent\":\(isSent ? 1 : 0),\"entry\":".utf8) + body
      + Array("}\n".utf8)
  }
}
