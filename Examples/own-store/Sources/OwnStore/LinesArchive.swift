import Foundation
import SessionCore

/// An archive on a file of JSON lines. Each line is a change; a call returns once its line is on
/// the disk. All threads are in memory, which suits a few thousand messages.
actor LinesArchive: ConversationArchive {
  private struct Thread {
    let user: UserID
    var name: String?
    let createdAt: Timestamp
    var lastActivity: Timestamp
    /// In the order of their lines, which is the order of the thread whatever the clocks say.
    var all: [Message] = []
    var rewound: Set<MessageID> = []

    var messages: [Message] { all.filter { !rewound.contains($0.id) } }
  }

  private enum Change: Codable {
    case append(Message, thread: ConversationID, user: UserID)
    case rename(ConversationID, name: String)
    case fork(ConversationID, count: Int, copy: ConversationID)
    case rewind(ConversationID, count: Int)
    case delete(ConversationID)
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
      Self.apply(try JSONDecoder().decode(Change.self, from: line), to: &threads, &places)
    }
  }

  func close() { try? file.close() }

  // MARK: What carries turns

  func append(
    _ message: Message, to id: ConversationID, of user: UserID
  ) throws -> AppendReceipt {
    if let held = threads[id], held.user != user { throw notFound }
    guard let place = places[message.id] else {
      let previous = threads[id]?.messages.last?.id
      try write(.append(message, thread: id, user: user))
      return AppendReceipt(previous: previous, isNew: true)
    }
    guard place == id, let held = threads[id] else { throw idTaken }
    let before = held.all.prefix { $0.id != message.id }.last { !held.rewound.contains($0.id) }
    return AppendReceipt(
      previous: before?.id, isNew: false, isRewound: held.rewound.contains(message.id))
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
    owned(id, by: user)?.all.first { $0.id == messageID }
  }

  // MARK: Lists

  func threads(of user: UserID, page: PageRequest) throws -> Page<ThreadSummary> {
    // A cursor is the place of the last line in the order, not a count of lines: a line that is
    // added or removed between two pages moves no other.
    let after = try page.cursor.map(place)
    let rest = threads.filter { $0.value.user == user }.map { summary($0.key, $0.value) }
      .filter { line in after.map { (line.lastActivity, line.id) < $0 } ?? true }
      .sorted { ($0.lastActivity, $0.id) > ($1.lastActivity, $1.id) }
    let lines = Array(rest.prefix(page.limit))
    let next = rest.count > page.limit ? lines.last : nil
    return Page(
      elements: lines,
      next: next.map { PageCursor("\($0.lastActivity.milliseconds)_\($0.id)") })
  }

  private func place(of cursor: PageCursor) throws -> (Timestamp, ConversationID) {
    let parts = cursor.description.split(separator: "_", maxSplits: 1)
    guard parts.count == 2, let time = Int64(parts[0]), let id = ConversationID(String(parts[1]))
    else { throw invalidCursor }
    return (Timestamp(milliseconds: time), id)
  }

  func thread(_ id: ConversationID, of user: UserID) throws -> ThreadSummary {
    summary(id, try existing(id, of: user))
  }

  func messages(
    in id: ConversationID, of user: UserID, page: PageRequest
  ) throws -> Page<Message> {
    try part(page, of: existing(id, of: user).messages)
  }

  func rewoundMessages(
    in id: ConversationID, of user: UserID, page: PageRequest
  ) throws -> Page<Message> {
    let held = try existing(id, of: user)
    return try part(page, of: held.all.filter { held.rewound.contains($0.id) })
  }

  private func part(_ page: PageRequest, of all: [Message]) throws -> Page<Message> {
    var start = 0
    if let cursor = page.cursor {
      guard let index = Int(cursor.description), all.indices.contains(index) else {
        throw invalidCursor
      }
      start = index
    }
    let end = min(start + page.limit, all.count)
    return Page(
      elements: Array(all[start..<end]), next: end < all.count ? PageCursor(String(end)) : nil)
  }

  // MARK: Changes

  func rename(_ id: ConversationID, of user: UserID, to name: String) throws {
    _ = try existing(id, of: user)
    try write(.rename(id, name: ThreadName.checked(name)))
  }

  func fork(
    _ origin: ConversationID, of user: UserID, through last: MessageID, into copy: ConversationID
  ) throws -> ThreadSummary {
    let source = try existing(origin, of: user).messages
    guard let index = source.firstIndex(where: { $0.id == last }) else { throw notFound }
    if let held = threads[copy] {
      guard held.user == user, held.all.first?.id == source[0].id.copied(into: copy) else {
        throw idTaken
      }
      return summary(copy, held)
    }
    try write(.fork(origin, count: index + 1, copy: copy))
    return try thread(copy, of: user)
  }

  func rewind(_ id: ConversationID, of user: UserID, to last: MessageID) throws -> Int {
    let messages = try existing(id, of: user).messages
    guard let index = messages.firstIndex(where: { $0.id == last }) else { throw notFound }
    let count = messages.count - index - 1
    if count > 0 { try write(.rewind(id, count: count)) }
    return count
  }

  func delete(_ id: ConversationID, of user: UserID) throws -> DeletionCounts {
    let held = try existing(id, of: user)
    try write(.delete(id))
    return DeletionCounts(threads: 1, steps: held.all.count, elements: 0, feedbacks: 0)
  }

  // MARK: The file and what it says

  /// Puts a line on the disk, and then into memory. A line that failed is taken out of the file.
  private func write(_ change: Change) throws {
    let line = try JSONEncoder().encode(change) + [UInt8(ascii: "\n")]
    let end = try file.offset()
    do {
      try file.write(contentsOf: line)
      try file.synchronize()
    } catch {
      try? file.truncate(atOffset: end)
      throw ArchiveError(
        code: .unavailable, reason: "the file cannot be written", mayHaveActed: true)
    }
    Self.apply(change, to: &threads, &places)
  }

  private static func apply(
    _ change: Change, to threads: inout [ConversationID: Thread],
    _ places: inout [MessageID: ConversationID]
  ) {
    switch change {
    case .append(let message, let id, let user):
      var held =
        threads[id]
        ?? Thread(user: user, createdAt: message.createdAt, lastActivity: message.createdAt)
      if held.name == nil, message.role == .user {
        held.name = ThreadName.suggested(by: message.content)
      }
      held.lastActivity = max(held.lastActivity, message.createdAt)
      held.all.append(message)
      threads[id] = held
      places[message.id] = id
    case .rename(let id, let name):
      threads[id]?.name = name
    case .fork(let origin, let count, let copy):
      guard let source = threads[origin] else { return }
      for message in source.messages.prefix(count) {
        apply(
          .append(message.copied(into: copy), thread: copy, user: source.user), to: &threads,
          &places)
      }
      threads[copy]?.name = source.name
    case .rewind(let id, let count):
      let last = threads[id]?.messages.suffix(count).map(\.id) ?? []
      threads[id]?.rewound.formUnion(last)
    case .delete(let id):
      for message in threads.removeValue(forKey: id)?.all ?? [] { places[message.id] = nil }
    }
  }

  private func summary(_ id: ConversationID, _ held: Thread) -> ThreadSummary {
    ThreadSummary(
      id: id, name: held.name, createdAt: held.createdAt, lastActivity: held.lastActivity,
      messageCount: held.messages.count)
  }

  /// A thread of another user answers as a missing one.
  private func owned(_ id: ConversationID, by user: UserID) -> Thread? {
    threads[id].flatMap { $0.user == user ? $0 : nil }
  }

  private func existing(_ id: ConversationID, of user: UserID) throws -> Thread {
    guard let held = owned(id, by: user) else { throw notFound }
    return held
  }

  private var notFound: ArchiveError {
    ArchiveError(code: .notFound, reason: "no such conversation")
  }
  private var idTaken: ArchiveError {
    ArchiveError(code: .idTaken, reason: "the id is used in another conversation")
  }
  private var invalidCursor: ArchiveError {
    ArchiveError(code: .invalidCursor, reason: "not a cursor of this list")
  }
}
