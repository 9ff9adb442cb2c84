public import SessionCore

/// What was said, as far as it is traced.
public enum TraceContent: Sendable, Hashable {
  /// A text by itself.
  case text(String)
  /// One message of a conversation.
  case message(Said)
  /// The messages of a conversation, oldest first.
  case messages([Said])

  /// One message.
  public struct Said: Sendable, Hashable {
    /// Who said it.
    public var role: Role
    /// What.
    public var content: String

    /// A message with every part given.
    public init(role: Role, content: String) {
      self.role = role
      self.content = content
    }

    var json: JSONValue { ["role": .string(role.rawValue), "content": .string(content)] }

    var openTelemetryJSON: JSONValue {
      [
        "role": .string(role.rawValue),
        "parts": [["type": "text", "content": .string(content)]],
      ]
    }
  }

  /// What a model is sent for `prompt`.
  public init(_ prompt: Prompt) {
    let instruction = prompt.instruction.map { [Said(role: .system, content: $0)] } ?? []
    self = .messages(
      instruction + prompt.messages.map { Said(role: $0.role, content: $0.content) })
  }

  /// The same with each text replaced by what `change` makes of it.
  public func mapTexts(_ change: (String) -> String) -> TraceContent {
    switch self {
    case .text(let text): .text(change(text))
    case .message(let message):
      .message(Said(role: message.role, content: change(message.content)))
    case .messages(let messages):
      .messages(messages.map { Said(role: $0.role, content: change($0.content)) })
    }
  }

  /// The same, short enough: the newest messages that fit, the last of them cut if it alone does
  /// not. What is missing shows as `…`.
  func limited(toByteCount limit: Int) -> TraceContent {
    switch self {
    case .text(let text): return .text(Self.cut(text, limit))
    case .message(let message):
      return .message(Said(role: message.role, content: Self.cut(message.content, limit)))
    case .messages(let messages):
      var left = limit
      var kept: [Said] = []
      for message in messages.reversed() {
        let size = message.content.utf8.count
        guard size <= left else {
          // What is left may be too little to show anything of it, but never hides the newest.
          let content = Self.cut(message.content, left)
          kept.append(Said(role: message.role, content: content))
          break
        }
        left -= size
        kept.append(message)
      }
      return .messages(kept.reversed())
    }
  }

  /// The same as messages; a text by itself is said by `role`.
  func messages(by role: Role) -> [Said] {
    switch self {
    case .text(let text): [Said(role: role, content: text)]
    case .message(let message): [message]
    case .messages(let messages): messages
    }
  }

  var byteCount: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .message(let message): message.content.utf8.count
    case .messages(let messages): messages.reduce(0) { $0 + $1.content.utf8.count + 32 }
    }
  }

  /// As Langfuse shows it: a text, or messages with role and content.
  var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .message(let message): message.json
    case .messages(let messages): .array(messages.map(\.json))
    }
  }

  private static func cut(_ text: String, _ byteCountMax: Int) -> String {
    guard text.utf8.count > byteCountMax else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: max(0, byteCountMax))
    // Back to the beginning of a character, if this is the middle of one.
    while end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
    return text[..<end] + "…"
  }
}
