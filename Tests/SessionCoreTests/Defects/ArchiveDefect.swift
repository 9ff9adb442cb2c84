import SessionCore
import Testing

/// A mistake that an archive can have.
enum ArchiveDefect: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case ordersByClock = "orders a thread by the clock"
  case readsForeignThreads = "reads another user's thread"
  case losesTheNewest = "loses the newest message"
  case storesAnIDTwice = "stores a message id twice"
  case forgetsMetadata = "forgets metadata"
  case splitsToolRounds = "drops the call of a tool and keeps its result"
  case receiptNamesNothing = "a receipt does not name the message before"
  case countIsOfTheWindow = "counts to the end instead of to the message"
  case pageSkipsOne = "a page begins one message too late"
  case cursorIsAPlace = "the cursor of the threads is a number of lines"
  case takesAnyCursor = "a cursor of another list begins at the start"
  case deletionLeavesMessages = "a deleted thread keeps its messages"
  case deletionCountsNothing = "a deletion does not count its rows"
  case renameIsLost = "a new name is lost"
  case forkTakesEverything = "a fork goes on after the message named"
  case rewindErases = "what was rewound is not listed"

  var testDescription: String { rawValue }
}

/// The archive in memory, with one mistake.
actor DefectiveArchive: CompleteArchive {
  private let archive = InMemoryArchive()
  private let defect: ArchiveDefect?
  private var owners: [ConversationID: UserID] = [:]

  init(defect: ArchiveDefect?) { self.defect = defect }

  func append(
    _ message: Message, to thread: ConversationID, of user: UserID
  ) async throws -> AppendReceipt {
    var message = message
    switch defect {
    case .forgetsMetadata: message.metadata = [:]
    case .splitsToolRounds: message.toolCalls = []
    case .storesAnIDTwice where await archive.message(message.id, in: thread, of: user) != nil:
      message = message.copied(into: .generate())
    default: break
    }
    let receipt = try await archive.append(message, to: thread, of: user)
    owners[thread] = owners[thread] ?? user
    guard defect == .receiptNamesNothing else { return receipt }
    return AppendReceipt(previous: nil, isNew: receipt.isNew, isRewound: receipt.isRewound)
  }

  func newestMessages(
    in thread: ConversationID, of user: UserID, limit: Int
  ) async throws -> [Message] {
    let reader = defect == .readsForeignThreads ? owners[thread] ?? user : user
    let newest = await archive.newestMessages(in: thread, of: reader, limit: limit)
    switch defect {
    case .ordersByClock: return newest.sorted { $0.createdAt < $1.createdAt }
    case .losesTheNewest: return newest.dropLast()
    default: return newest
    }
  }

  func messageCount(
    in thread: ConversationID, of user: UserID, through last: MessageID
  ) async throws -> Int {
    let count = await archive.messageCount(in: thread, of: user, through: last)
    guard defect == .countIsOfTheWindow, count > 0 else { return count }
    return try await archive.thread(thread, of: user).messageCount
  }

  func message(
    _ id: MessageID, in thread: ConversationID, of user: UserID
  ) async throws -> Message? {
    await archive.message(id, in: thread, of: user)
  }

  func threads(of user: UserID, page: PageRequest) async throws -> Page<ThreadSummary> {
    guard defect == .cursorIsAPlace else { return try await archive.threads(of: user, page: page) }
    let all = try await archive.threads(of: user, page: PageRequest(limit: PageRequest.limitMax))
    let start = max(page.cursor.flatMap { Int($0.description) } ?? 0, 0)
    let end = min(start + page.limit, all.elements.count)
    return Page(
      elements: Array(all.elements[min(start, end)..<end]),
      next: end < all.elements.count ? PageCursor(String(end)) : nil)
  }

  func thread(_ id: ConversationID, of user: UserID) async throws -> ThreadSummary {
    try await archive.thread(id, of: user)
  }

  func messages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) async throws -> Page<Message> {
    do {
      let found = try await archive.messages(in: thread, of: user, page: page)
      guard defect == .pageSkipsOne, page.cursor != nil else { return found }
      return Page(elements: Array(found.elements.dropFirst()), next: found.next)
    } catch let error as ArchiveError
      where error.code == .invalidCursor && defect == .takesAnyCursor
    {
      return try await archive.messages(in: thread, of: user, page: PageRequest(limit: page.limit))
    }
  }

  func rename(_ thread: ConversationID, of user: UserID, to name: String) async throws {
    if defect == .renameIsLost { return }
    try await archive.rename(thread, of: user, to: name)
  }

  func fork(
    _ origin: ConversationID, of user: UserID, through last: MessageID, into copy: ConversationID
  ) async throws -> ThreadSummary {
    var end = last
    if defect == .forkTakesEverything {
      end = await archive.newestMessages(in: origin, of: user, limit: 1).last?.id ?? last
    }
    return try await archive.fork(origin, of: user, through: end, into: copy)
  }

  func rewind(
    _ thread: ConversationID, of user: UserID, to last: MessageID
  ) async throws -> Int {
    try await archive.rewind(thread, of: user, to: last)
  }

  func rewoundMessages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) async throws -> Page<Message> {
    let rewound = try await archive.rewoundMessages(in: thread, of: user, page: page)
    return defect == .rewindErases ? Page(elements: [], next: nil) : rewound
  }

  func delete(_ thread: ConversationID, of user: UserID) async throws -> DeletionCounts {
    let nothing = DeletionCounts(threads: 0, steps: 0, elements: 0, feedbacks: 0)
    if defect == .deletionLeavesMessages {
      _ = try await archive.thread(thread, of: user)
      return nothing
    }
    let counts = try await archive.delete(thread, of: user)
    return defect == .deletionCountsNothing ? nothing : counts
  }

  // MARK: Without a defect

  func search(
    _ text: String, of user: UserID, page: PageRequest
  ) async throws -> Page<SearchHit> {
    try await archive.search(text, of: user, page: page)
  }

  func setFeedback(
    _ feedback: Feedback?, on message: MessageID, in thread: ConversationID, of user: UserID
  ) async throws {
    try await archive.setFeedback(feedback, on: message, in: thread, of: user)
  }

  func feedback(
    in thread: ConversationID, of user: UserID
  ) async throws -> [MessageID: Feedback] {
    await archive.feedback(in: thread, of: user)
  }

  func threads(
    of user: UserID, matching filter: ThreadFilter, page: PageRequest
  ) async throws -> Page<ThreadSummary> {
    try await archive.threads(of: user, matching: filter, page: page)
  }

  func notes(on thread: ConversationID, of user: UserID) async throws -> ThreadNotes {
    try await archive.notes(on: thread, of: user)
  }

  func setNotes(
    _ notes: ThreadNotes, on thread: ConversationID, of user: UserID
  ) async throws {
    try await archive.setNotes(notes, on: thread, of: user)
  }

  func attach(
    _ element: ArchiveElement, to thread: ConversationID, of user: UserID
  ) async throws {
    try await archive.attach(element, to: thread, of: user)
  }

  func elements(in thread: ConversationID, of user: UserID) async throws -> [ArchiveElement] {
    await archive.elements(in: thread, of: user)
  }

  func element(
    _ id: ElementID, in thread: ConversationID, of user: UserID
  ) async throws -> ArchiveElement? {
    await archive.element(id, in: thread, of: user)
  }

  func export(
    of user: UserID, emit: @Sendable (ArchiveRecord) async throws -> Void
  ) async throws {
    try await archive.export(of: user, emit: emit)
  }

  func restore(_ records: [ArchiveRecord], of user: UserID) async throws -> RestoreOutcome {
    await archive.restore(records, of: user)
  }

  func forget(_ user: UserID, dryRun: Bool) async throws -> DeletionCounts {
    try await archive.forget(user, dryRun: dryRun)
  }

  func prune(
    untouchedSince moment: Timestamp, dryRun: Bool,
    progress: @Sendable (DeletionCounts) async -> Void
  ) async throws -> DeletionCounts {
    try await archive.prune(untouchedSince: moment, dryRun: dryRun, progress: progress)
  }
}
