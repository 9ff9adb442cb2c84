/// A person's judgement of a message.
public struct Feedback: Sendable, Hashable, Codable {
  /// Which way it goes.
  public enum Value: String, Sendable, Hashable, Codable, CaseIterable {
    /// Good.
    case up
    /// Bad.
    case down
  }

  /// Which way it goes.
  public var value: Value
  /// Why, in words.
  public var comment: String?

  /// A judgement with every part given.
  public init(value: Value, comment: String? = nil) {
    self.value = value
    self.comment = comment
  }
}

/// Which threads of a list are wanted. Every part that is not nil must hold.
public struct ThreadFilter: Sendable, Hashable {
  /// Some message was judged so.
  public var feedback: Feedback.Value?
  /// The thread is a favourite, or is none.
  public var isFavourite: Bool?
  /// The thread has this tag, to the letter.
  public var tag: String?

  /// A filter with every part given; with none, it lets everything through.
  public init(feedback: Feedback.Value? = nil, isFavourite: Bool? = nil, tag: String? = nil) {
    self.feedback = feedback
    self.isFavourite = isFavourite
    self.tag = tag
  }
}

/// What is noted of a thread.
public struct ThreadNotes: Sendable, Hashable, Codable {
  /// Labels, in an order of their own, each once.
  public private(set) var tags: [String]
  /// Whether it is one of the user's favourites.
  public var isFavourite: Bool

  /// The longest tag, in characters.
  public static let tagCharacterCountMax = 64
  /// The tags of one thread.
  public static let tagCountMax = 32

  /// Nothing is noted.
  public init() {
    tags = []
    isFavourite = false
  }

  /// Notes with every part given; a tag that comes twice is kept once.
  ///
  /// - Throws: ``ArchiveError`` with ``ArchiveError/Code/refused`` for an empty tag, and
  ///   ``ArchiveError/Code/tooLarge`` for one that is too long, or too many.
  public init(tags: [String], isFavourite: Bool = false) throws(ArchiveError) {
    var seen: Set<[UInt8]> = []
    self.tags = tags.filter { seen.insert(Array($0.utf8)).inserted }
    self.isFavourite = isFavourite
    if self.tags.contains(where: { $0.allSatisfy(\.isWhitespace) }) {
      throw ArchiveError(code: .refused, reason: "a tag cannot be empty")
    }
    if self.tags.count > Self.tagCountMax
      || self.tags.contains(where: { $0.unicodeScalars.count > Self.tagCharacterCountMax })
    {
      throw ArchiveError(
        code: .tooLarge,
        reason: """
          a thread has at most \(Self.tagCountMax) tags of at most \
          \(Self.tagCharacterCountMax) characters
          """)
    }
  }
}
