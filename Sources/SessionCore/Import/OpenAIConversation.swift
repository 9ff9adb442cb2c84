#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A conversation as a list of chat messages, as programs of the field send and store them:
/// `{"role": …, "content": …}`.
struct OpenAIConversation {
  private var id: String?
  private var title: String?
  private var model: String?
  private var createdAt: Timestamp?
  private var updatedAt: Timestamp?
  private var messages: [ForeignChatMessage] = []

  /// An empty conversation, to which messages are added.
  init() {}

  /// Reads an object that has a list of messages, or such a list alone.
  init(_ value: JSONValue) {
    id = Self.id(of: value)
    title = ["title", "name", "subject"].lazy.compactMap { value[$0]?.text }.first
    model = value["model"]?.text
    createdAt = Self.createdAt(value)
    let updated = ["updated_at", "update_time", "updated", "updated_utc", "updatedAt"]
    updatedAt = updated.lazy.compactMap { Timestamp(importing: value[$0]) }.first
    for message in value["messages"]?.elements ?? value.elements ?? [] { add(message) }
  }

  /// Adds a message; false when it is none.
  @discardableResult
  mutating func add(_ value: JSONValue) -> Bool {
    guard let message = ForeignChatMessage(value) else { return false }
    messages.append(message)
    return true
  }

  /// What was said in it; nil when nothing was.
  var conversation: ForeignConversation? {
    var conversation = ForeignConversation(
      name: "", title: title, createdAt: createdAt, updatedAt: updatedAt)
    var counts: [String: Int] = [:]
    var hashes = ["messages"]
    for message in messages {
      conversation.leftOut.merge(message.leftOut, uniquingKeysWith: +)
      guard var said = message.said(model: model) else { continue }
      let text = "\(said.role.rawValue) \(said.toolCallID ?? "") \(said.content)"
      // What has no id is the n-th message that says just this: it stays that when others are
      // added.
      counts[text, default: 0] += 1
      if said.id.isEmpty { said.id = "\(counts[text] ?? 0) \(text)" }
      hashes.append(text)
      conversation.messages.append(said)
    }
    if conversation.messages.isEmpty { return nil }
    // Without an id it is known by all that was said: two that only begin alike stay two.
    conversation.name = id ?? UUID(derivedFrom: hashes).uuidString
    return conversation
  }

  fileprivate static func id(of value: JSONValue) -> String? {
    ["conversation_id", "thread_id", "session_id", "id", "uuid"].lazy
      .compactMap { value[$0]?.identifier }.first
  }

  fileprivate static func createdAt(_ value: JSONValue) -> Timestamp? {
    ["created_at", "create_time", "created", "timestamp", "created_utc", "createdAt", "date"].lazy
      .compactMap { Timestamp(importing: value[$0]) }.first
  }
}

/// A chat message of the field.
private struct ForeignChatMessage {
  private let id: String
  private let role: Role?
  private let model: String?
  private let createdAt: Timestamp?
  private let calls: [ToolCall]
  private let toolCallID: String?
  private var pieces: [ForeignPiece] = []
  private var hasThoughts = false

  /// Nil for what has no role.
  init?(_ value: JSONValue) {
    guard let name = value["role"]?.text else { return nil }
    role = Role(foreign: name)
    id = OpenAIConversation.id(of: value) ?? ""
    model = value["model"]?.text
    createdAt = OpenAIConversation.createdAt(value)
    calls =
      (value["tool_calls"]?.elements ?? []).compactMap { ToolCall(foreign: $0) }
      + (value["function_call"].flatMap { ToolCall(foreign: $0) }.map { [$0] } ?? [])
    toolCallID = role == .tool ? value["tool_call_id"]?.text ?? value["name"]?.text : nil
    for name in ["reasoning", "reasoning_content"] where value[name]?.text?.isEmpty == false {
      hasThoughts = true
    }
    for name in ["content", "refusal"] { add(value[name]) }
  }

  private mutating func add(_ content: JSONValue?) {
    switch content {
    case .string(let text): pieces.append(.text(text))
    case .array(let parts): for part in parts { add(part) }
    case .object: addPart(content ?? .null)
    default: break
    }
  }

  private mutating func addPart(_ part: JSONValue) {
    let type = part["type"]?.text ?? ""
    if type == "thinking" || type == "reasoning" {
      hasThoughts = true
    } else if let text = part["text"]?.text ?? part["refusal"]?.text {
      pieces.append(.text(text))
    } else if type.contains("image") {
      let url = part["image_url"]?["url"]?.text ?? part["image_url"]?.text
      // The picture itself may stand in its address.
      pieces.append(.other(.images, name: url.flatMap { $0.hasPrefix("data:") ? nil : $0 }))
    } else if type.contains("audio") {
      let text = part["input_audio"]?["transcript"]?.text ?? part["transcript"]?.text
      if let text { pieces.append(.text(text)) }
      pieces.append(.other(.audio, name: nil))
    } else if type.contains("file") {
      let file = part["file"] ?? part
      pieces.append(.other(.files, name: file["filename"]?.text ?? file["file_id"]?.text))
    } else {
      pieces.append(.other(.unknown, name: nil))
    }
  }

  var leftOut: [ImportOmission: Int] {
    if role == nil { return [.unknown: 1] }
    var counts: [ImportOmission: Int] = hasThoughts ? [.thoughts: 1] : [:]
    for case .other(let kind, _) in pieces { counts[kind, default: 0] += 1 }
    return counts
  }

  func said(model fallback: String?) -> ForeignMessage? {
    guard let role else { return nil }
    let text = ForeignPiece.text(of: pieces)
    if text.allSatisfy(\.isWhitespace), calls.isEmpty, role != .tool { return nil }
    let details = AnswerDetails(state: .complete, model: model ?? fallback)
    return ForeignMessage(
      id: id, role: role, content: text, createdAt: createdAt,
      answer: role == .assistant ? details : nil, toolCalls: calls, toolCallID: toolCallID)
  }
}

extension ToolCall {
  /// A call as OpenAI's messages tell it, of today or of the time of functions.
  fileprivate init?(foreign call: JSONValue) {
    let function = call["function"] ?? call
    guard let name = function["name"]?.text else { return nil }
    let arguments = function["arguments"]
    self.init(
      id: call["id"]?.text ?? name, name: name,
      arguments: arguments?.text ?? arguments?.jsonText ?? "{}")
  }
}
