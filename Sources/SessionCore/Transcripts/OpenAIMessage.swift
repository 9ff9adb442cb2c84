/// A message as OpenAI's chat completions, and the many services and tools that follow them, write
/// it: `role`, `content`, `tool_calls`, `tool_call_id`.
///
/// Messages that were written with ``details`` are read back equal. Without them a message gets a
/// new id and time: see ``Message/messages(_:at:)``.
public struct OpenAIMessage: Sendable, Hashable, Codable, CustomStringConvertible {
  /// `system`, `developer`, `user`, `assistant` or `tool`.
  public var role: String
  /// The text; parts of text are put behind one another. Nil where the message only calls tools.
  public var content: String?
  /// The parts of the content that are no text (pictures, sound), as they came. They stand behind
  /// the text, and a ``Message`` cannot hold them.
  public var otherParts: [JSONValue]
  /// The name of who speaks, where the service tells several apart. A ``Message`` does not hold it.
  public var name: String?
  /// The tools that the model calls. Signatures stand where Google's services of this form put
  /// them, in `extra_content.google.thought_signature`.
  public var toolCalls: [ToolCall]
  /// The call that this is the result of.
  public var toolCallID: String?
  /// What the format has no place for; nil for a message from elsewhere. OpenAI refuses fields that
  /// it does not know: see ``init(_:keepingDetails:)``.
  public var details: MessageDetails?

  /// Creates a message.
  public init(
    role: String, content: String?, otherParts: [JSONValue] = [], name: String? = nil,
    toolCalls: [ToolCall] = [], toolCallID: String? = nil, details: MessageDetails? = nil
  ) {
    self.role = role
    self.content = content
    self.otherParts = otherParts
    self.name = name
    self.toolCalls = toolCalls
    self.toolCallID = toolCallID
    self.details = details
  }

  /// `message` in this form.
  ///
  /// - Parameters:
  ///   - message: What is written.
  ///   - keepingDetails: False leaves out id, time, details of the answer, metadata and the
  ///     signatures of calls: what is left is sent to a service as it is.
  public init(_ message: Message, keepingDetails: Bool = true) {
    let calls =
      keepingDetails
      ? message.toolCalls
      : message.toolCalls.map { ToolCall(id: $0.id, name: $0.name, arguments: $0.arguments) }
    self.init(
      role: message.role.rawValue,
      content: message.content.isEmpty && !calls.isEmpty ? nil : message.content,
      toolCalls: calls, toolCallID: message.resultOf?.id,
      details: keepingDetails ? MessageDetails(message) : nil)
  }

  /// The role and the beginning of the text, on one line.
  public var description: String {
    let calls = toolCalls.map { " → \($0.name)" }.joined()
    return "\(role): \(ShortLine.of(content ?? ""))\(calls)"
  }
}

extension Message {
  /// The messages of a conversation in the form of OpenAI.
  ///
  /// What a message came with under ``OpenAIMessage/details`` it has again. Without: its time is
  /// `time`; a question has a new id, and what follows it the ids that a turn gives its answer and
  /// its tool rounds; the call of a result is looked for before it. `developer` is read as
  /// ``Role/system``. Parts that are no text, and ``OpenAIMessage/name``, are left out.
  ///
  /// - Throws: ``UnknownRole``.
  public static func messages(
    _ messages: [OpenAIMessage], at time: Timestamp = .now()
  ) throws(UnknownRole) -> [Message] {
    var assembly = MessageAssembly(at: time)
    for message in messages {
      let name = message.role == "developer" ? Role.system.rawValue : message.role
      guard let role = Role(rawValue: name) else { throw UnknownRole(role: message.role) }
      assembly.append(
        role, message.content ?? "", calls: message.toolCalls,
        resultOf: message.toolCallID.map { assembly.call($0, name: message.name) },
        details: message.details)
    }
    return assembly.messages
  }
}

/// A message of a role that no message here can have.
public struct UnknownRole: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// The role.
  public let role: String
  /// An error about `role`.
  public init(role: String) { self.role = role }
  /// What is wrong.
  public var description: String { "no message has the role '\(role)'" }
}
