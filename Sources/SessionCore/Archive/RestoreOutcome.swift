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
