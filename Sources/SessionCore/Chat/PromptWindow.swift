/// Chooses which messages of a conversation a model is sent.
///
/// The window is the newest part of the conversation that fits a budget of tokens. It begins with a
/// user's message, ends with the question, and is never empty: of a question that alone is too long
/// the middle is left out, with a mark, in the window only. Its beginning and its end stay: one of
/// the two says what is wanted. Behind the question stand the tool rounds of its own turn, if it
/// was
/// interrupted after them.
///
/// An answer that calls tools stands in it together with what the tools gave, or not at all. Of an
/// answer whose calls were not all answered, in the conversation or in what is warm of it, only the
/// text is sent. Left out are answers that are a report of failure (``AnswerState/error``), for
/// nobody said them, and messages without text.
public struct PromptWindow: Sendable {
  /// Tokens a window holds at most, as `estimate` counts.
  public let tokenCountMax: Int
  /// Estimates the tokens of a text.
  public let estimate: @Sendable (String) -> Int

  /// Stands where the middle of a question was left out.
  public static let mark = " […] "

  /// Tokens a message costs beside its text: role and separators.
  package static let messageTokenCount = 4

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
  /// - Parameters:
  ///   - question: The message to answer.
  ///   - history: The conversation, oldest first. Of what comes after `question` in it only the
  ///     tool rounds of its own turn are sent: the rest was said to somebody else's question.
  /// - Complexity: O(n) in the text of `history`.
  public func messages(for question: Message, in history: [Message]) -> [Message] {
    fit(question, in: history).messages
  }

  /// The messages to send for `question`, as ``messages(for:in:)`` gives them, and what of the
  /// conversation is not among them for want of room.
  ///
  /// - Complexity: O(n) in the text of `history`.
  public func fit(
    _ question: Message, in history: [Message]
  ) -> (messages: [Message], leftOut: PromptOmission) {
    let end = history.firstIndex { $0.id == question.id } ?? history.endIndex
    let rounds = history[end...].filter {
      $0.id.isStep(of: question.id) && ($0.role == .tool || !$0.toolCalls.isEmpty)
    }
    let short = shortened(question)
    var left = tokenCountMax - rounds.reduce(cost(of: short)) { $0 + cost(of: $1) }
    var window: [[Message]] = [[short] + rounds]
    let groups = Self.groups(of: history[..<end])
    for group in groups.reversed() {
      left -= group.reduce(0) { $0 + cost(of: $1) }
      guard left >= 0 else { break }
      window.append(group)
    }
    while window.count > 1, window.last?.first?.role != .user { window.removeLast() }
    let messages = window.reversed().flatMap { $0 }
    let count = groups.reduce(1) { $0 + $1.count }
    let marked = short.content.count - Self.mark.count
    return (
      messages,
      PromptOmission(
        messageCount: count - messages.count,
        characterCount: short.content == question.content
          ? 0 : question.content.count - max(0, marked))
    )
  }

  /// Splits a conversation into what may be sent or left out by itself: single messages, and
  /// answers with the tools that they call.
  private static func groups(of history: ArraySlice<Message>) -> [[Message]] {
    var groups: [[Message]] = []
    var index = history.startIndex
    while index < history.endIndex {
      var message = history[index]
      let results = history[(index + 1)...].prefix { $0.role == .tool }
      index += 1
      guard message.role != .tool, message.answer?.state != .error else { continue }
      if !message.toolCalls.isEmpty {
        if isAnswered(message.toolCalls, by: results) {
          groups.append([message] + results)
          continue
        }
        message.toolCalls = []
      }
      if !message.content.isEmpty { groups.append([message]) }
    }
    return groups
  }

  private static func isAnswered(_ calls: [ToolCall], by results: ArraySlice<Message>) -> Bool {
    let ids = Set(calls.map(\.id))
    return ids.count == calls.count && results.count == calls.count
      && ids == Set(results.compactMap(\.resultOf?.id))
  }

  package func cost(of message: Message) -> Int {
    message.toolCalls.reduce(estimate(message.content) + Self.messageTokenCount) {
      $0 + estimate($1.name) + estimate($1.arguments) + Self.messageTokenCount
    }
  }

  /// As much of the question as fits, half of it from its beginning and half from its end; how
  /// much that is, is found by halving.
  private func shortened(_ question: Message) -> Message {
    guard cost(of: question) > tokenCountMax else { return question }
    let characters = Array(question.content)
    var short = question
    func keep(_ count: Int) {
      let head = characters[..<((count + 1) / 2)]
      let tail = characters[(characters.count - count / 2)...]
      short.content = String(head) + Self.mark + String(tail)
    }
    var fitting = min(1, characters.count)
    var tooLong = characters.count
    while fitting + 1 < tooLong {
      let middle = (fitting + tooLong) / 2
      keep(middle)
      if cost(of: short) <= tokenCountMax { fitting = middle } else { tooLong = middle }
    }
    keep(fitting)
    return short
  }
}

/// What of a conversation a model was not sent for want of room.
public struct PromptOmission: Sendable, Hashable {
  /// Older messages that were left out.
  public var messageCount: Int
  /// Characters that were left out of the middle of the question.
  public var characterCount: Int

  /// An omission of so much; of nothing, if nothing else is said.
  public init(messageCount: Int = 0, characterCount: Int = 0) {
    self.messageCount = messageCount
    self.characterCount = characterCount
  }

  /// Whether everything was sent.
  public var isEmpty: Bool { messageCount == 0 && characterCount == 0 }
}
