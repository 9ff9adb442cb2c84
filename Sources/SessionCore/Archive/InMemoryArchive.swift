/// An archive inside one process: for programs and tests without a database. Nothing is kept when
/// the process ends.
///
/// Appending is O(1), reading O(what is returned); a page of threads is O(n log n) in the threads
/// of the user.
public actor InMemoryArchive: CompleteArchive {
  struct Place {
    let thread: ConversationID
    let index: Int
  }

  var threads: [ConversationID: InMemoryThread] = [:]
  var threadsOfUser: [UserID: Set<ConversationID>] = [:]
  var places: [MessageID: Place] = [:]

  /// An empty archive.
  public init() {}

  /// Stores a message at the end of a thread.
  public func append(
    _ message: Message, to thread: ConversationID, of user: UserID
  ) throws -> AppendReceipt {
    if let known = threads[thread], known.user != user { throw notFound }
    if let place = places[message.id] {
      guard place.thread == thread, let held = threads[thread] else { throw idTaken }
      return AppendReceipt(
        previous: held.previous(of: place.index), isNew: false,
        isRewound: !held.isLiving(place.index))
    }
    let previous = threads[thread]?.last
    add(message, to: thread, of: user)
    return AppendReceipt(previous: previous, isNew: true)
  }

  /// The newest messages of a thread, oldest first.
  public func newestMessages(
    in thread: ConversationID, of user: UserID, limit: Int
  ) -> [Message] {
    owned(thread, by: user)?.newest(max(limit, 1)) ?? []
  }

  /// How many messages of the thread there are up to and including `last`.
  public func messageCount(
    in thread: ConversationID, of user: UserID, through last: MessageID
  ) -> Int {
    guard let held = owned(thread, by: user), let index = livingIndex(of: last, in: thread) else {
      return 0
    }
    return held.countOfLiving(through: index)
  }

  /// One message, or nil when the thread does not hold it.
  public func message(
    _ id: MessageID, in thread: ConversationID, of user: UserID
  ) -> Message? {
    guard let place = places[id], place.thread == thread else { return nil }
    return owned(thread, by: user)?.messages[place.index]
  }

  /// A page of a user's threads, last activity first.
  public func threads(of user: UserID, page: PageRequest) throws -> Page<ThreadSummary> {
    try self.threads(of: user, page: page) { _ in true }
  }

  func threads(
    of user: UserID, page: PageRequest, where isWanted: (InMemoryThread) -> Bool
  ) throws -> Page<ThreadSummary> {
    let after = try page.cursor.map(ThreadCursor.init(reading:))
    let rest = (threadsOfUser[user] ?? [])
      .compactMap { threads[$0] }
      .filter(isWanted)
      .map(\.summary)
      .filter { summary in after.map { ThreadCursor(summary) < $0 } ?? true }
      .sorted { ThreadCursor($0) > ThreadCursor($1) }
    let elements = Array(rest.prefix(page.limit))
    let next = rest.count > page.limit ? elements.last.map { ThreadCursor($0).cursor } : nil
    return Page(elements: elements, next: next)
  }

  /// One thread of a user's list.
  public func thread(_ id: ConversationID, of user: UserID) throws -> ThreadSummary {
    try existing(id, of: user).summary
  }

  /// A page of a thread's messages, oldest first.
  public func messages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) throws -> Page<Message> {
    try part(page, of: existing(thread, of: user).current)
  }

  /// A page of the messages of a thread that were rewound, oldest first.
  public func rewoundMessages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) throws -> Page<Message> {
    try part(page, of: existing(thread, of: user).rewound)
  }

  func part<Element>(_ page: PageRequest, of all: [Element]) throws -> Page<Element> {
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
    _ = try existing(thread, of: user)
    threads[thread]?.rename(to: try ThreadName.checked(name))
  }

  /// Begins a thread with copies of the messages of another one.
  public func fork(
    _ origin: ConversationID, of user: UserID, through last: MessageID, into copy: ConversationID
  ) throws -> ThreadSummary {
    let source = try existing(origin, of: user)
    guard let end = livingIndex(of: last, in: origin) else { throw notFound }
    let said = source.newest(source.summary.messageCount).prefix(source.countOfLiving(through: end))
    if let known = threads[copy] {
      guard known.user == user, let first = said.first,
        known.messages.first?.id == first.id.copied(into: copy)
      else { throw idTaken }
      return known.summary
    }
    let copies = said.map { $0.copied(into: copy) }
    guard copies.allSatisfy({ places[$0.id] == nil }) else { throw idTaken }
    for message in copies { add(message, to: copy, of: user) }
    if let name = source.summary.name { threads[copy]?.rename(to: name) }
    return try existing(copy, of: user).summary
  }

  /// Takes back what was said after `last`.
  public func rewind(
    _ thread: ConversationID, of user: UserID, to last: MessageID
  ) throws -> Int {
    _ = try existing(thread, of: user)
    guard let index = livingIndex(of: last, in: thread) else { throw notFound }
    return threads[thread]?.rewind(to: index) ?? 0
  }

  /// Removes a thread and all that belongs to it.
  public func delete(_ thread: ConversationID, of user: UserID) throws -> DeletionCounts {
    let held = try existing(thread, of: user)
    threads[thread] = nil
    for message in held.messages { places[message.id] = nil }
    threadsOfUser[user]?.remove(thread)
    return held.counts
  }

  private func add(_ message: Message, to thread: ConversationID, of user: UserID) {
    let fresh = InMemoryThread(thread, of: user, beginningAt: message.createdAt)
    let index = threads[thread, default: fresh].append(message)
    threadsOfUser[user, default: []].insert(thread)
    places[message.id] = Place(thread: thread, index: index)
  }

  func owned(_ thread: ConversationID, by user: UserID) -> InMemoryThread? {
    guard let held = threads[thread], held.user == user else { return nil }
    return held
  }

  func existing(_ thread: ConversationID, of user: UserID) throws -> InMemoryThread {
    guard let held = owned(thread, by: user) else { throw notFound }
    return held
  }

  /// The index of a message of the thread that was not rewound.
  private func livingIndex(of id: MessageID, in thread: ConversationID) -> Int? {
    guard let place = places[id], place.thread == thread,
      threads[thread]?.isLiving(place.index) == true
    else { return nil }
    return place.index
  }

  var notFound: ArchiveError {
    ArchiveError(code: .notFound, reason: "no such conversation")
  }

  var idTaken: ArchiveError {
    ArchiveError(code: .idTaken, reason: "the id is used in another conversation")
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
