public import SessionCore

/// What earlier conversations say about a question.
public protocol Recall: Sendable {
  /// The passages that fit the question of `prompt`, best first; none when there are none, or when
  /// they cannot be had.
  func passages(for prompt: Prompt) async -> [RecalledPassage]
}

/// A piece of an earlier conversation.
public struct RecalledPassage: Sendable, Hashable {
  /// The conversation's name, if it has one.
  public let source: String?
  /// The piece, on one line.
  public let text: String

  /// A passage with both given.
  public init(source: String?, text: String) {
    self.source = source
    self.text = text
  }
}

/// Recalls by searching the archive of the user who asks for the words of the question that matter.
///
/// One serves any number of users. A prompt without a user recalls nothing.
public struct ArchiveRecall: Recall {
  private let archive: any CompleteArchive

  /// How many passages are recalled at most.
  private static let passageCountMax = 3
  /// How many of the question's words are searched for.
  private static let wordCountMax = 4
  /// How many threads of each search are looked at.
  private static let hitCountMax = 5
  private static let characterCountMax = 240

  /// Recalls from what `archive` holds.
  public init(archive: any CompleteArchive) { self.archive = archive }

  /// Searches for the longest words together, and then for each alone: five searches at most.
  public func passages(for prompt: Prompt) async -> [RecalledPassage] {
    guard let user = prompt.user, let question = prompt.lastQuestion else { return [] }
    let words = Self.words(of: question.content)
    guard !words.isEmpty else { return [] }
    var passages: [RecalledPassage] = []
    var seen: Set<ConversationID> = []
    for query in words.count > 1 ? [words.joined(separator: " ")] + words : words {
      let page = try? await archive.search(
        query, of: user, page: PageRequest(limit: Self.hitCountMax))
      for hit in page?.elements ?? [] where !seen.contains(hit.thread.id) {
        guard let text = await answer(at: hit, asked: question, by: user) else { continue }
        seen.insert(hit.thread.id)
        passages.append(RecalledPassage(source: hit.thread.name, text: Self.brief(text)))
        if passages.count == Self.passageCountMax { return passages }
      }
    }
    return passages
  }

  /// What was answered at the place of a hit. Nil when that is the question itself, or no model's
  /// answer.
  private func answer(
    at hit: SearchHit, asked question: Message, by user: UserID
  ) async -> String? {
    guard let id = hit.message, id != question.id,
      let found = try? await archive.message(id, in: hit.thread.id, of: user)
    else { return nil }
    var answer = found
    if found.role == .user {
      guard let next = try? await archive.message(id.answer, in: hit.thread.id, of: user) else {
        return nil
      }
      answer = next
    }
    let state = answer.answer?.state
    guard answer.role == .assistant, state == nil || state == .complete || state == .partial else {
      return nil
    }
    return answer.content
  }

  /// The words of a question that say what it is about: the longest, for short ones are of every
  /// question.
  private static func words(of question: String) -> [String] {
    let lengthMin = 4
    let words = SearchWords(question).words.filter { $0.count >= lengthMin && !common.contains($0) }
    return Array(words.sorted { ($1.count, $0) < ($0.count, $1) }.prefix(wordCountMax))
  }

  /// Long words that say nothing, as `SearchWords` folds them.
  private static let common: Set<String> = [
    "alors", "apres", "aussi", "avant", "avec", "avoir", "bonjour", "cela", "cette", "comme",
    "comment", "dans", "depuis", "donc", "elle", "elles", "encore", "entre", "etre", "expliquer",
    "explique", "fait", "faire", "leur", "mais", "merci", "meme", "moins", "notre", "nous", "parce",
    "peut", "peux", "plus", "pour", "pourquoi", "pouvez", "quand", "quel", "quelle", "quelles",
    "quels", "quoi", "sans", "sont", "sous", "tous", "tout", "tres", "votre", "vous", "about",
    "after", "also", "because", "been", "before", "between", "could", "does", "explain", "from",
    "have", "hello", "more", "please", "should", "some", "tell", "than", "thank", "that", "their",
    "them", "then", "there", "these", "they", "this", "those", "what", "when", "where", "which",
    "will", "with", "would", "your",
  ]

  private static func brief(_ text: String) -> String {
    LocalResponder.brief(text, characterCountMax: characterCountMax)
  }
}
