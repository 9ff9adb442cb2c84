/// What an import brought, and what it left out.
public struct ImportReport: Sendable, Hashable {
  /// What was written, and what was there already.
  public internal(set) var counts = RestoreCounts()
  /// The records that were not taken in, in order: at most ``remarkCountMax``.
  public internal(set) var skipped: [ImportRemark] = []
  /// How many records were not taken in.
  public internal(set) var skippedCount = 0
  /// The conversations that were taken in although something of them had to be guessed, in order:
  /// at most ``remarkCountMax``.
  public internal(set) var repaired: [ImportRemark] = []
  /// How many conversations had to be guessed.
  public internal(set) var repairedCount = 0
  /// What is no text of a conversation, and was left out of those that were taken in.
  public internal(set) var leftOut: [ImportOmission: Int] = [:]

  /// The longest list of remarks.
  public static let remarkCountMax = 100_000

  mutating func add(_ remark: ImportRemark) {
    if remark.reason.isRepair {
      repairedCount += 1
      if repaired.count < Self.remarkCountMax { repaired.append(remark) }
    } else {
      skippedCount += 1
      if skipped.count < Self.remarkCountMax { skipped.append(remark) }
    }
  }
}

/// A record of an import of which there is something to say.
public struct ImportRemark: Sendable, Hashable {
  /// Where it stands.
  public let place: ImportPlace
  /// Its id, or its conversation's, as far as it tells one.
  public let id: String?
  /// The title of the conversation, as far as it tells one.
  public let title: String?
  /// What there is to say.
  public let reason: Reason

  /// What there is to say of a record.
  @nonexhaustive
  public enum Reason: Sendable, Hashable {
    /// It is no JSON.
    case notJSON
    /// It ends in the middle.
    case cut
    /// It is longer than an import reads at once, in bytes.
    case tooLong(limit: Int)
    /// It is JSON of another kind than conversations and their messages.
    case unknownKind
    /// It is a conversation without a message.
    case empty
    /// The archive did not take it.
    case refused(ArchiveError)
    /// It did not say which of its branches was shown last: the newest was taken.
    case newestBranch
    /// Messages between others were missing: what is there was joined.
    case gap

    /// Whether it was taken in nevertheless.
    public var isRepair: Bool { self == .newestBranch || self == .gap }
  }
}

/// Where a record stands.
public struct ImportPlace: Sendable, Hashable {
  /// The name of the file; nil when it has none.
  public let file: String?
  /// The line that it begins in, from 1.
  public let line: Int
  /// Which record of its file it is, from 1.
  public let number: Int
}

/// What an import leaves out of a conversation, or has only the name of.
@nonexhaustive
public enum ImportOmission: String, Sendable, Hashable, CaseIterable {
  /// Pictures: their name stands in their place.
  case images
  /// Files of other kinds: their name stands in their place.
  case files
  /// Sound; what was said is kept as far as it was written down.
  case audio
  /// Films.
  case video
  /// What a model thought before it answered.
  case thoughts
  /// What a person told the service for all conversations.
  case customInstructions
  /// Messages that were never shown.
  case hidden
  /// Messages of branches that were not shown last.
  case otherBranches
  /// Messages of a kind that is not known.
  case unknown
}
