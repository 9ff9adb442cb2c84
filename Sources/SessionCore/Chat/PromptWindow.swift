/// Chooses which messages of a conversation a model is sent.
///
/// The window is the newest part of the conversation that fits a budget of tokens. It begins with a
/// user's message, ends with the question, and is never empty: a question that alone is too long is
/// shortened, with a mark, in the window only. Answers that are a report of failure
/// (``AnswerState/error``) are left out, for nobody said them.
public struct PromptWindow: Sendable {
  /// Tokens a window holds at most, as `estimate` counts.
  public let tokenCountMax: Int
  /// Estimates the tokens of a text.
  public let estimate: @Sendable (String) -> Int

  /// Stands where a question was shortened.
  public static let mark = " […]"

  /// Tokens a message costs beside its text: role and separators.
  private static let messageTokenCount = 4

  /// A window of at most `tokenCountMax` tokens.
  ///
  /// - Parameters:
  ///   - tokenCountMax: At least 1. The default is far below every current model's limit, and keeps
  ///     a turn cheap.
  ///   - estimate: By default one token for three UTF-8 bytes, which is above what models count in
  ///     French and English.
  public init(
    tokenCountMax: Int = 32_000,
    estimate: @escaping @Sendable (String) -> Int = { ($0.utf8.count + 2) / 3 }
  ) {
    precondition(tokenCountMax >= 1, "a window holds at least one token")
    self.tokenCountMax = tokenCountMax
    self.estimate = estimate
  }

  /// The messages to send for `question`.
  ///
  /// - Parameter history: The conversation, oldest first. What comes after `question` in it was said
  ///   to somebody else's question, and is not sent.
  /// - Complexity: O(n) in the text of `history`.
  public func messages(for question: Message, in history: [Message]) -> [Message] {
    let end = history.firstIndex { $0.id == question.id } ?? history.endIndex
    let question = shortened(question)
    var left = tokenCountMax - cost(of: question)
    var window = [question]
    for message in history[..<end].reversed() where message.answer?.state != .error {
      left -= cost(of: message)
      guard left >= 0 else { break }
      window.append(message)
    }
    while window.count > 1, window.last?.role != .user { window.removeLast() }
    return window.reversed()
  }

  private func cost(of message: Message) -> Int {
    estimate(message.content) + Self.messageTokenCount
  }

  /// The longest beginning of the question that fits, found by halving.
  private func shortened(_ question: Message) -> Message {
    guard cost(of: question) > tokenCountMax else { return question }
    let characters = Array(question.content)
    var fitting = 0
    var tooLong = characters.count
    var short = question
    while fitting + 1 < tooLong {
      let middle = (fitting + tooLong) / 2
      short.content = String(characters[..<middle]) + Self.mark
      if cost(of: short) <= tokenCountMax { fitting = middle } else { tooLong = middle }
    }
    short.content = String(characters[..<max(fitting, min(1, characters.count))]) + Self.mark
    return short
  }
}
