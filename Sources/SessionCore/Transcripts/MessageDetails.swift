/// What a message holds that other formats have no place for. It stands in a field of its own,
/// `session_memory`, which other programs pass over.
public struct MessageDetails: Sendable, Hashable, Codable {
  /// The message's name.
  public var id: MessageID
  /// When it was said.
  public var createdAt: Timestamp
  /// How it came about, when it is an answer.
  public var answer: AnswerDetails?
  /// The call that it is the result of.
  public var resultOf: ToolCall?
  /// What the program stored with it; nil when that is nothing.
  public var metadata: [String: JSONValue]?

  /// The details of a message.
  public init(_ message: Message) {
    id = message.id
    createdAt = message.createdAt
    answer = message.answer
    resultOf = message.resultOf
    metadata = message.metadata.isEmpty ? nil : message.metadata
  }
}

/// Puts messages together from a format that leaves something out of them.
///
/// A message without details gets a time and an id: a question a new id, what follows it the ids
/// that a turn gives its answer and its tool rounds. The call of a result is looked for among the
/// latest calls of its id.
struct MessageAssembly {
  private(set) var messages: [Message] = []
  private let time: Timestamp
  private var calls: [String: ToolCall] = [:]
  private var question: MessageID?
  private var lastStep: UInt16 = 1
  private var hasAnswer = false

  /// - Parameter time: Given to messages that come without one.
  init(at time: Timestamp) { self.time = time }

  mutating func append(
    _ role: Role, _ content: String, calls: [ToolCall] = [], resultOf: ToolCall? = nil,
    details: MessageDetails?
  ) {
    let id = details?.id ?? nextID(role, hasCalls: !calls.isEmpty)
    if role == .user { (question, lastStep, hasAnswer) = (id, 1, false) }
    for call in calls { self.calls[call.id] = call }
    messages.append(
      Message(
        id: id, role: role, content: content, createdAt: details?.createdAt ?? time,
        answer: details?.answer, toolCalls: calls,
        resultOf: details.map(\.resultOf) ?? resultOf,
        metadata: details?.metadata ?? [:]))
  }

  /// Adds calls to the message before, if it is the one that made them.
  mutating func append(_ calls: [ToolCall], of id: MessageID?) -> Bool {
    guard let last = messages.last, last.id == id, last.toolCalls.isEmpty else { return false }
    for call in calls { self.calls[call.id] = call }
    messages[messages.count - 1].toolCalls = calls
    return true
  }

  /// The call that a result names. Of one that nobody made, what is known.
  func call(_ id: String, name: String?) -> ToolCall {
    calls[id] ?? ToolCall(id: id, name: name ?? "", arguments: "{}")
  }

  private mutating func nextID(_ role: Role, hasCalls: Bool) -> MessageID {
    guard let question, role == .assistant || role == .tool else { return .generate(at: time) }
    if role == .tool || hasCalls, lastStep < .max {
      lastStep += 1
      return question.step(lastStep)
    }
    guard !hasAnswer else { return .generate(at: time) }
    hasAnswer = true
    return question.answer
  }
}
