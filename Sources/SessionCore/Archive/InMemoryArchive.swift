/// An archive inside one process: for programs and tests without a database. Nothing is kept when
/// the process ends.
///
/// Appending is O(1), reading O(what is returned); a page of threads is O(n log n) in the threads of
/// the user.
public actor InMemoryArchive: ConversationArchive {
  private struct Thread {
    let user: UserID
    var summary: ThreadSummary
    var messages: [Message] = []
  }

  private struct Place {
    let thread: ConversationID
    let index: Int
  }

  private var threads: [ConversationID: Thread] = [:]
  private var threadsOfUser: [UserID: Set<ConversationID>] = [:]
  private var places: [MessageID: Place] = [:]

  /// An empty archive.
  public init() {}

  /// Stores a message at the end of a thread.
  public func append(
    _ message: Message, to thread: ConversationID, of user: UserID
  ) throws -> AppendReceipt {
    if let known = threads[thread], known.user != user { throw notFound }
    if let place = places[message.id] {
      guard place.thread == thread else {
        throw ArchiveError(
          code: .idTaken, reason: "the id of the message is used in another conversation")
      }
      let previous = place.index == 0 ? nil : threads[thread]?.messages[place.index - 1].id
      return AppendReceipt(previous: previous, isNew: false)
    }
    let held = threads[thread]?.summary
    let previous = threads[thread]?.messages.last?.id
    let firstName = message.role == .user ? ThreadName.suggested(by: message.content) : nil
    let summary = ThreadSummary(
      id: thread, name: held?.name ?? firstName,
      createdAt: held?.createdAt ?? message.createdAt,
      lastActivity: max(held?.lastActivity ?? message.createdAt, message.createdAt),
      messageCount: (held?.messageCount ?? 0) + 1)
    threads[thread, default: Thread(user: user, summary: summary)].summary = summary
    threads[thread]?.messages.append(message)
    threadsOfUser[user, default: []].insert(thread)
    places[message.id] = Place(thread: thread, index: summary.messageCount - 1)
    return AppendReceipt(previous: previous, isNew: true)
  }

  /// The newest messages of a thread, oldest first.
  public func newestMessages(
    in thread: ConversationID, of user: UserID, limit: Int
  ) -> [Message] {
    Array(messages(of: thread, user).suffix(max(limit, 1)))
  }

  /// How many messages of the thread there are up to and including `last`.
  public func messageCount(
    in thread: ConversationID, of user: UserID, through last: MessageID
  ) -> Int {
    guard threads[thread]?.user == user, let place = places[last], place.thread == thread else {
      return 0
    }
    return place.index + 1
  }

  /// One message, or nil when the thread does not hold it.
  public func message(
    _ id: MessageID, in thread: ConversationID, of user: UserID
  ) -> Message? {
    guard let place = places[id], place.thread == thread else { return nil }
    let messages = messages(of: thread, user)
    return messages.isEmpty ? nil : messages[place.index]
  }

  /// A page of a user's threads, last activity first.
  public func threads(of user: UserID, page: PageRequest) throws -> Page<ThreadSummary> {
    let after = try page.cursor.map(ThreadCursor.init(reading:))
    let rest = (threadsOfUser[user] ?? [])
      .compactMap { threads[$0]?.summary }
      .filter { summary in after.map { ThreadCursor(summary) < $0 } ?? true }
      .sorted { ThreadCursor($0) > ThreadCursor($1) }
    let elements = Array(rest.prefix(page.limit))
    let next = rest.count > page.limit ? elements.last.map { ThreadCursor($0).cursor } : nil
    return Page(elements: elements, next: next)
  }

  /// One thread of a user's list.
  public func thread(_ id: ConversationID, of user: UserID) throws -> ThreadSummary {
    guard let thread = threads[id], thread.user == user else { throw notFound }
    return thread.summary
  }

  /// A page of a thread's messages, oldest first.
  public func messages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) throws -> Page<Message> {
    _ = try self.thread(thread, of: user)
    let all = messages(of: thread, user)
    let start = try page.cursor.map { cursor in
      guard let start = Int(cursor.description), all.indices.contains(start) else {
        throw invalidCursor(cursor)
      }
      return start
    }
    let elements = Array(all.dropFirst(start ?? 0).prefix(page.limit))
    let end = (start ?? 0) + elements.count
    return Page(elements: elements, next: end < all.count ? PageCursor(String(end)) : nil)
  }

  /// Names a thread.
  public func rename(_ thread: ConversationID, of user: UserID, to name: String) throws {
    let old = try self.thread(thread, of: user)
    threads[thread]?.summary = ThreadSummary(
      id: thread, name: try ThreadName.checked(name), createdAt: old.createdAt,
      lastActivity: old.lastActivity, messageCount: old.messageCount)
  }

  /// Removes a thread and all that belongs to it.
  public func delete(_ thread: ConversationID, of user: UserID) throws -> DeletionCounts {
    _ = try self.thread(thread, of: user)
    let messages = threads.removeValue(forKey: thread)?.messages ?? []
    for message in messages { places[message.id] = nil }
    threadsOfUser[user]?.remove(thread)
    return DeletionCounts(threads: 1, steps: messages.count, elements: 0, feedbacks: 0)
  }

  private func messages(of thread: ConversationID, _ user: UserID) -> [Message] {
    guard let thread = threads[thread], thread.user == user else { return [] }
    return thread.messages
  }

  private var notFound: ArchiveError {
    ArchiveError(code: .notFound, reason: "no such conversation")
  }
}

private func invalidCursor(_ cursor: PageCursor) -> ArchiveError {
  ArchiveError(code: .invalidCursor, reason: "not a cursor of this list: \(cursor)")
}

/// The place of a thread in the order of last activity.
private struct ThreadCursor: Comparable {
  let lastActivity: Timestamp
  let id: ConversationID

  init(_ summary: ThreadSummary) {
    lastActivity = summary.lastActivity
    id = summary.id
  }

  init(reading cursor: PageCursor) throws {
    let parts = cursor.description.split(separator: "_", maxSplits: 1)
    guard parts.count == 2, let milliseconds = Int64(parts[0]),
      let id = ConversationID(String(parts[1]))
    else { throw invalidCursor(cursor) }
    lastActivity = Timestamp(milliseconds: milliseconds)
    self.id = id
  }

  var cursor: PageCursor { PageCursor("\(lastActivity.milliseconds)_\(id)") }

  static func < (left: ThreadCursor, right: ThreadCursor) -> Bool {
    (left.lastActivity, left.id) < (right.lastActivity, right.id)
  }
}
