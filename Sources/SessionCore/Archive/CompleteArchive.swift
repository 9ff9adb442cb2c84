/// An archive that can do everything: lists, search, notes, files, export and removal, beside what
/// turns need.
///
/// What holds for ``ConversationArchive`` holds here. A page's cursor goes on where its page ended,
/// also when the thread or the message at that place was removed meanwhile.
public protocol CompleteArchive: ConversationArchive {
  // MARK: Threads

  /// A page of a user's threads, last activity first.
  func threads(of user: UserID, page: PageRequest) async throws -> Page<ThreadSummary>

  /// One thread of a user's list. Throws ``ArchiveError/Code/notFound``.
  func thread(_ id: ConversationID, of user: UserID) async throws -> ThreadSummary

  /// A page of a thread's messages, oldest first. Throws ``ArchiveError/Code/notFound``.
  func messages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) async throws -> Page<Message>

  /// Names a thread; more than ``ThreadName/characterCountMax`` characters are an error. Throws
  /// ``ArchiveError/Code/notFound``.
  func rename(_ thread: ConversationID, of user: UserID, to name: String) async throws

  /// Begins the thread `copy` with copies of the messages of `origin` up to and including `last`,
  /// in one transaction. The two threads share nothing from then on.
  ///
  /// A copy has the id that ``MessageID/copied(into:)`` gives, and is otherwise the message that it
  /// is a copy of; what was rewound is not copied, nor are files and judgements. The new thread has
  /// the name of its origin, begins when its first message was said, and its last activity is its
  /// newest message's.
  ///
  /// Safe to repeat: if `copy` is the user's and begins with a copy of the first message of
  /// `origin`, it was made before; nothing is written, and the thread is returned as it is now.
  ///
  /// - Throws: ``ArchiveError/Code/notFound`` when the user has no `origin`, or it does not hold
  ///   `last`, or `last` was rewound; ``ArchiveError/Code/idTaken`` when a thread `copy` is there
  ///   that is not such a copy, whoever owns it.
  func fork(
    _ origin: ConversationID, of user: UserID, through last: MessageID, into copy: ConversationID
  ) async throws -> ThreadSummary

  /// Takes back what was said after `last`: marks it as rewound, and erases nothing. The name and
  /// the last activity of the thread stay.
  ///
  /// Safe to repeat while nobody speaks: a second call finds nothing after `last`. It takes back
  /// what was said in between.
  ///
  /// - Returns: How many messages this call marked.
  /// - Throws: ``ArchiveError/Code/notFound`` when the user has no such thread, or it does not hold
  ///   `last`, or `last` was rewound itself.
  func rewind(
    _ thread: ConversationID, of user: UserID, to last: MessageID
  ) async throws -> Int

  /// A page of the messages of a thread that were rewound, oldest first. Throws
  /// ``ArchiveError/Code/notFound``.
  func rewoundMessages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) async throws -> Page<Message>

  /// Removes a thread and all that belongs to it, rewound messages included, in one transaction.
  /// Throws ``ArchiveError/Code/notFound``.
  func delete(_ thread: ConversationID, of user: UserID) async throws -> DeletionCounts

  // MARK: Search

  /// The user's threads that hold all the words of `text` in one message or in the name, best
  /// first, each with its best place.
  ///
  /// A word is found at the beginning of words, whatever the case and the accents: `eco` finds
  /// `École`. Words of any length count. In scripts without spaces (Chinese, Japanese, Korean,
  /// Thai, Lao, Khmer …) words are found anywhere, and so are emoji. Vowel signs of Arabic and
  /// Hebrew, characters without a width, and full-width or other forms of a letter do not matter.
  /// What ranks equal comes newest first.
  ///
  /// A page may hold fewer hits than its limit, or none, and still name a next one: an archive
  /// looks at a part of very many messages at a time.
  ///
  /// - Throws: ``ArchiveError`` with ``ArchiveError/Code/refused`` when `text` holds no word.
  func search(_ text: String, of user: UserID, page: PageRequest) async throws -> Page<SearchHit>

  // MARK: Notes

  /// Judges a message; nil takes the judgement back. A message has one judgement: a new one stands
  /// in place of the old one. The last activity of the thread stays.
  ///
  /// - Throws: ``ArchiveError`` with ``ArchiveError/Code/notFound`` when the user's thread does not
  ///   hold the message.
  func setFeedback(
    _ feedback: Feedback?, on message: MessageID, in thread: ConversationID, of user: UserID
  ) async throws

  /// The judgements in a thread, by message; empty for a thread that is not there.
  func feedback(
    in thread: ConversationID, of user: UserID
  ) async throws -> [MessageID: Feedback]

  /// A page of those of a user's threads that `filter` lets through, last activity first.
  func threads(
    of user: UserID, matching filter: ThreadFilter, page: PageRequest
  ) async throws -> Page<ThreadSummary>

  /// What is noted of a thread. Throws ``ArchiveError/Code/notFound``.
  func notes(on thread: ConversationID, of user: UserID) async throws -> ThreadNotes

  /// Replaces what is noted of a thread. Throws ``ArchiveError/Code/notFound``.
  func setNotes(
    _ notes: ThreadNotes, on thread: ConversationID, of user: UserID
  ) async throws

  // MARK: Files

  /// Keeps a file in a thread. One whose id the thread already holds is left as it stands.
  ///
  /// - Throws: ``ArchiveError``: ``ArchiveError/Code/notFound`` for a thread, or a message in it,
  ///   that the user does not have; ``ArchiveError/Code/tooLarge`` for more than the archive takes;
  ///   ``ArchiveError/Code/idTaken``.
  func attach(
    _ element: ArchiveElement, to thread: ConversationID, of user: UserID
  ) async throws

  /// The files of a thread, oldest first, without their content; empty for a thread that is not
  /// there.
  func elements(in thread: ConversationID, of user: UserID) async throws -> [ArchiveElement]

  /// One file, with its content; nil when the thread does not hold it.
  func element(
    _ id: ElementID, in thread: ConversationID, of user: UserID
  ) async throws -> ArchiveElement?

  // MARK: Export, import, removal

  /// Hands out everything of a user as records, in an order of its own that is always the same: the
  /// threads by their beginning, each followed by its steps and its files.
  ///
  /// - Parameters:
  ///   - user: Whose.
  ///   - emit: Takes each record in order; the archive waits for it.
  func export(
    of user: UserID, emit: @Sendable (ArchiveRecord) async throws -> Void
  ) async throws

  /// Takes in records, as the user's, in one transaction. A record that cannot be taken is left out
  /// and told, and the others are taken; when this throws, none is.
  ///
  /// What is there already, by its id, is left as it stands; but a thread's last activity is the
  /// later one. A thread that is another user's is kept under an id of its own, and a step or a
  /// file whose id is used in another thread under the id that a copy of it has in a fork
  /// (``MessageID/copied(into:)``): always the same ones, so taking it in again changes nothing.
  ///
  /// A long export is taken in as a sequence of such calls, cut anywhere: see ``ArchiveImport``.
  func restore(_ records: [ArchiveRecord], of user: UserID) async throws -> RestoreOutcome

  /// Removes a user and everything of the user, in one transaction, and returns the counts; 0 for
  /// a user who is not there. With `dryRun`, only counts.
  func forget(_ user: UserID, dryRun: Bool) async throws -> DeletionCounts

  /// Removes the threads of all users in which nothing was said for long, thread by thread.
  /// Favourites stay.
  ///
  /// What was removed is gone when this is cancelled or throws; the rest is whole.
  ///
  /// - Parameters:
  ///   - moment: What was said since then keeps its thread.
  ///   - dryRun: Only counts.
  ///   - progress: Told of the counts so far, after each part.
  func prune(
    untouchedSince moment: Timestamp, dryRun: Bool,
    progress: @Sendable (DeletionCounts) async -> Void
  ) async throws -> DeletionCounts

  // MARK: Threads without an owner

  /// Counts the threads that no user owns; changes nothing.
  ///
  /// - Parameter name: Only those whose questions all bear this name; nil for all.
  func ownerlessThreads(named name: String?) async throws -> AdoptionCounts

  /// Gives the threads that no user owns to `user`, in one transaction. Messages, times and names
  /// stay. Doing it again gives what has come since.
  ///
  /// - Parameters:
  ///   - user: Who owns them from now on.
  ///   - name: Only those whose questions all bear this name; nil for all.
  /// - Returns: What was given.
  func adopt(by user: UserID, named name: String?) async throws -> AdoptionCounts
}

extension CompleteArchive {
  /// As ``prune(untouchedSince:dryRun:progress:)``, and nobody is told how far it has come.
  public func prune(
    untouchedSince moment: Timestamp, dryRun: Bool
  ) async throws -> DeletionCounts {
    try await prune(untouchedSince: moment, dryRun: dryRun) { _ in }
  }

  /// None: right for an archive in which each thread has an owner.
  public func ownerlessThreads(named name: String?) -> AdoptionCounts {
    AdoptionCounts(threads: 0, messages: 0)
  }

  /// Nothing: right for an archive in which each thread has an owner.
  public func adopt(by user: UserID, named name: String?) -> AdoptionCounts {
    AdoptionCounts(threads: 0, messages: 0)
  }
}

/// Threads that belonged to nobody, and what is in them.
public struct AdoptionCounts: Sendable, Hashable, Codable {
  /// Threads.
  public let threads: Int
  /// The messages in them, those that were rewound left aside.
  public let messages: Int

  /// Creates counts.
  public init(threads: Int, messages: Int) {
    self.threads = threads
    self.messages = messages
  }
}
