import Foundation
import SessionCore

/// An archive on a file of JSON lines, with all that turns need. Each line is a message; an append
/// returns once its line is on the disk. All threads are in memory, which suits a few thousand messages.
actor LinesArchive: ConversationArchive {
  private struct Thread {
    let user: UserID
    /// In the order of their lines, which is the order of the thread whatever the clocks say.
    var messages: [Message] = []
  }

  private struct Line: Codable {
    let message: Message
    let thread: ConversationID
    let user: UserID
  }

  private let file: FileHandle
  private var threads: [ConversationID: Thread] = [:]
  private var places: [MessageID: ConversationID] = [:]

  /// Opens the archive of a file, which is made when it is missing. What a crash cut in the middle
  /// of the last line was never acknowledged, and is removed.
  init(path: String) throws {
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(
        atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
    }
    guard let file = FileHandle(forUpdatingAtPath: path) else {
      throw ArchiveError(code: .unavailable, reason: "the file cannot be opened")
    }
    self.file = file
    let bytes = try file.readToEnd() ?? Data()
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    try file.truncate(atOffset: UInt64(end))
    for line in bytes[..<end].split(separator: UInt8(ascii: "\n")) {
      Self.take(try JSONDecoder().decode(Line.self, from: line), into: &threads, &places)
    }
  }

  func close() { try? file.close() }

  func append(
    _ message: Message, to id: ConversationID, of user: UserID
  ) throws -> AppendReceipt {
    if let held = threads[id], held.user != user {
      throw ArchiveError(code: .notFound, reason: "no such conversation")
    }
    guard let place = places[message.id] else {
      let previous = threads[id]?.messages.last?.id
      try write(Line(message: message, thread: id, user: user))
      return AppendReceipt(previous: previous, isNew: true)
    }
    guard place == id, let held = threads[id] else {
      throw ArchiveError(code: .idTaken, reason: "the id is used in another conversation")
    }
    let before = held.messages.prefix { $0.id != message.id }.last
    return AppendReceipt(previous: before?.id, isNew: false)
  }

  func newestMessages(in id: ConversationID, of user: UserID, limit: Int) -> [Message] {
    owned(id, by: user)?.messages.suffix(max(limit, 1)) ?? []
  }

  func messageCount(
    in id: ConversationID, of user: UserID, through last: MessageID
  ) -> Int {
    let index = owned(id, by: user)?.messages.firstIndex { $0.id == last }
    return index.map { $0 + 1 } ?? 0
  }

  func message(
    _ messageID: MessageID, in id: ConversationID, of user: UserID
  ) -> Message? {
    owned(id, by: user)?.messages.first { $0.id == messageID }
  }

  /// Puts a line on the disk, and then into memory. A line that failed is taken out of the file.
  private func write(_ line: Line) throws {
    let bytes = try JSONEncoder().encode(line) + [UInt8(ascii: "\n")]
    let end = try file.offset()
    do {
      try file.write(contentsOf: bytes)
      try file.synchronize()
    } catch {
      try? file.truncate(atOffset: end)
      throw ArchiveError(
        code: .unavailable, reason: "the file cannot be written", mayHaveActed: true)
    }
    Self.take(line, into: &threads, &places)
  }

  private static func take(
    _ line: Line, into threads: inout [ConversationID: Thread],
    _ places: inout [MessageID: ConversationID]
  ) {
    threads[line.thread, default: Thread(user: line.user)].messages.append(line.message)
    places[line.message.id] = line.thread
  }

  /// A thread of another user answers as a missing one.
  private func owned(_ id: ConversationID, by user: UserID) -> Thread? {
    threads[id].flatMap { $0.user == user ? $0 : nil }
  }
}
