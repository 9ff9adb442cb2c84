import TestSupport
import Testing

@testable import SessionCore

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

  func entry(_ content: String, _ number: Int = 0) -> JournalEntry {
    let message = Message(
      id: .generate(), role: .user, content: content,
      createdAt: Timestamp(milliseconds: 1_795_390_000_000))
    return JournalEntry(message, to: thread, of: user)
  }

  /// Journals messages with these texts, and returns them.
  @discardableResult
  func fill(_ contents: [String]) async throws -> [JournalEntry] {
    let journal = try journal()
    let entries = contents.map { entry($0) }
    for entry in entries { #expect(try await journal.append(entry)) }
    return entries
  }

  /// Flushes a journal of its own on the file, and returns what it sent.
  func flushed() async throws -> [JournalEntry] {
    let sent = Locked<[JournalEntry]>([])
    _ = try await journal().flush { entry in sent.withLock { $0.append(entry) } }
    return sent.withLock { $0 }
  }
}
