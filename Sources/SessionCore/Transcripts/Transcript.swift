/// A conversation as a list of instructions, prompts, calls of tools, outputs of tools and
/// responses: the shape of `FoundationModels.Transcript`, and of packages that follow it.
///
/// As JSON it is what Apple's framework reads and writes:
/// `{"type": "FoundationModels.Transcript", "version": 1, "transcript": {"entries": […]}}`. What an
/// entry has no place for stands in a field of its own, `session_memory`, and an entry that has one
/// is read back as the message that it was. Of a transcript from elsewhere texts, calls and outputs
/// are read; the text of a structured segment is its JSON. Not read are pictures, definitions of
/// tools, options and the schema of a response.
public struct Transcript: Sendable, Hashable, CustomStringConvertible {
  /// The entries, oldest first.
  public var entries: [Entry]

  /// A transcript of `entries`.
  public init(entries: [Entry] = []) { self.entries = entries }

  /// One thing in a transcript.
  @nonexhaustive
  public enum Entry: Sendable, Hashable, Identifiable, CustomStringConvertible {
    /// What stands above the conversation.
    case instructions(Text)
    /// What the person said.
    case prompt(Text)
    /// The model calls tools.
    case toolCalls(ToolCalls)
    /// A tool returned.
    case toolOutput(ToolOutput)
    /// What the model said.
    case response(Text)

    /// The name of the entry.
    public var id: String {
      switch self {
      case .instructions(let text), .prompt(let text), .response(let text): text.id
      case .toolCalls(let calls): calls.id
      case .toolOutput(let output): output.id
      }
    }

    /// The kind and the beginning of the text, on one line.
    public var description: String {
      switch self {
      case .instructions(let text): "instructions: \(ShortLine.of(text.text))"
      case .prompt(let text): "prompt: \(ShortLine.of(text.text))"
      case .response(let text): "response: \(ShortLine.of(text.text))"
      case .toolCalls(let calls):
        "tool calls: \(calls.calls.map(\.name).joined(separator: ", "))"
      case .toolOutput(let output): "\(output.toolName) → \(ShortLine.of(output.text))"
      }
    }
  }

  /// A text: of instructions, a prompt or a response.
  public struct Text: Sendable, Hashable {
    /// The name of the entry.
    public var id: String
    /// The text.
    public var text: String
    /// What the format has no place for; nil for an entry from elsewhere.
    public var details: MessageDetails?

    /// Creates a text.
    public init(id: String, text: String, details: MessageDetails? = nil) {
      self.id = id
      self.text = text
      self.details = details
    }
  }

  /// The tools that the model calls in one round.
  public struct ToolCalls: Sendable, Hashable {
    /// The name of the entry.
    public var id: String
    /// The calls. Their signatures stand in a field `signature`.
    public var calls: [ToolCall]
    /// What the format has no place for; nil for an entry from elsewhere.
    public var details: MessageDetails?

    /// Creates calls.
    public init(id: String, calls: [ToolCall], details: MessageDetails? = nil) {
      self.id = id
      self.calls = calls
      self.details = details
    }
  }

  /// What a tool returned.
  public struct ToolOutput: Sendable, Hashable {
    /// The name of the entry.
    public var id: String
    /// The call that it answers: ``ToolCall/id``. Nil where the format names none.
    public var callID: String?
    /// The name of the tool.
    public var toolName: String
    /// What came.
    public var text: String
    /// What the format has no place for; nil for an entry from elsewhere.
    public var details: MessageDetails?

    /// Creates an output.
    public init(
      id: String, callID: String?, toolName: String, text: String, details: MessageDetails? = nil
    ) {
      self.id = id
      self.callID = callID
      self.toolName = toolName
      self.text = text
      self.details = details
    }
  }

  /// The entries, a line each, shortened.
  public var description: String { entries.map(\.description).joined(separator: "\n") }
}

extension Transcript {
  /// The transcript of a conversation.
  ///
  /// A message is one entry; an answer that says something and calls tools is two, a response and
  /// its calls.
  ///
  /// - Parameters:
  ///   - messages: What is written.
  ///   - keepingDetails: False leaves out time, details of the answer, metadata and the
  ///     signatures of calls.
  public init(_ messages: [Message], keepingDetails: Bool = true) {
    self.init()
    for message in messages {
      let id = message.id.description
      let details = keepingDetails ? MessageDetails(message) : nil
      let text = Text(id: id, text: message.content, details: details)
      switch message.role {
      case .system: entries.append(.instructions(text))
      case .user: entries.append(.prompt(text))
      case .tool:
        entries.append(
          .toolOutput(
            ToolOutput(
              id: id, callID: message.resultOf?.id, toolName: message.resultOf?.name ?? "",
              text: message.content, details: details)))
      case .assistant:
        let speaks = !message.content.isEmpty || message.toolCalls.isEmpty
        if speaks { entries.append(.response(text)) }
        guard !message.toolCalls.isEmpty else { continue }
        let calls =
          keepingDetails
          ? message.toolCalls
          : message.toolCalls.map { ToolCall(id: $0.id, name: $0.name, arguments: $0.arguments) }
        entries.append(
          .toolCalls(
            ToolCalls(id: speaks ? "\(id)-calls" : id, calls: calls, details: details)))
      }
    }
  }

  /// The messages of the conversation.
  ///
  /// An entry with details is the message that it was. Without: its time is `time`; a prompt has a
  /// new id, and what follows it the ids that a turn gives its answer and its tool rounds. An
  /// output that names no call is that of the first call before it that has its tool's name and no
  /// output.
  public func messages(at time: Timestamp = .now()) -> [Message] {
    var assembly = MessageAssembly(at: time)
    var open: [ToolCall] = []
    for entry in entries {
      switch entry {
      case .instructions(let text): assembly.append(.system, text.text, details: text.details)
      case .prompt(let text): assembly.append(.user, text.text, details: text.details)
      case .response(let text): assembly.append(.assistant, text.text, details: text.details)
      case .toolCalls(let calls):
        open = calls.calls
        if !assembly.append(calls.calls, of: calls.details?.id) {
          assembly.append(.assistant, "", calls: calls.calls, details: calls.details)
        }
      case .toolOutput(let output):
        let place = open.firstIndex { call in
          output.callID.map { $0 == call.id } ?? (output.toolName == call.name)
        }
        let named = place.map { open.remove(at: $0) }
        let other = output.callID.map { assembly.call($0, name: output.toolName) }
        assembly.append(
          .tool, output.text, resultOf: named ?? other, details: output.details)
      }
    }
    return assembly.messages
  }
}
