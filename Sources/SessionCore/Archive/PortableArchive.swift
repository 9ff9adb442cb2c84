/// An archive whose content can be carried to another one, and removed by user or by age.
public protocol PortableArchive: ConversationArchive {
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
}

extension PortableArchive {
  /// As ``prune(untouchedSince:dryRun:progress:)``, and nobody is told how far it has come.
  public func prune(
    untouchedSince moment: Timestamp, dryRun: Bool
  ) async throws -> DeletionCounts {
    try await prune(untouchedSince: moment, dryRun: dryRun) { _ in }
  }
}

/// An archive that can do everything.
public typealias CompleteArchive = SearchableArchive & AnnotatedArchive & FileArchive
  & PortableArchive

/// What a restore did.
public struct RestoreOutcome: Sendable, Hashable {
  /// What it wrote.
  public var counts = RestoreCounts()
  /// The records that it left out, by their index, and why.
  public var refused: [Int: ArchiveError] = [:]

  /// Nothing was done.
  public init() {}
}

/// What a restore wrote.
public struct RestoreCounts: Sendable, Hashable, Codable {
  /// Threads that are new.
  public var threads = 0
  /// Messages and other steps that are new.
  public var steps = 0
  /// Files that are new.
  public var elements = 0
  /// Records that were there already.
  public var known = 0

  /// Nothing was written.
  public init() {}

  /// Adds the counts.
  public static func += (left: inout RestoreCounts, right: RestoreCounts) {
    left.threads += right.threads
    left.steps += right.steps
    left.elements += right.elements
    left.known += right.known
  }
}

extension DeletionCounts {
  /// Adds the counts.
  public static func + (left: DeletionCounts, right: DeletionCounts) -> DeletionCounts {
    DeletionCounts(
      threads: left.threads + right.threads, steps: left.steps + right.steps,
      elements: left.elements + right.elements, feedbacks: left.feedbacks + right.feedbacks)
  }
}
