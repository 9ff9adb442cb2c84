#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A conversation as another program tells it, whatever its format.
struct ForeignConversation {
  /// Tells it from all others: its ids are made from it.
  var name: String
  var title: String?
  var createdAt: Timestamp?
  var updatedAt: Timestamp?
  var messages: [ForeignMessage] = []
  /// What is no text of it, and was left out.
  var leftOut: [ImportOmission: Int] = [:]
  var repair: ImportRemark.Reason?

  var id: ConversationID { ConversationID(UUID(named: name, in: "conversation")) }

  /// The thread and its messages. What tells no time has the conversation's, and at last `now`.
  ///
  /// The id of a message is scoped by its thread, as a fork's: branches of a conversation share
  /// the ids of their first messages.
  func records(at now: Timestamp) -> [ArchiveRecord] {
    let thread = id
    let times = messages.compactMap(\.createdAt)
    let fallback = createdAt ?? updatedAt ?? now
    let question = messages.first { $0.role == .user }?.content
    let record = ThreadRecord(
      id: thread,
      name: [title, question].lazy.compactMap { $0.flatMap(ThreadName.suggested) }.first,
      createdAt: createdAt ?? times.min() ?? fallback,
      lastActivity: times.max() ?? updatedAt ?? fallback,
      isActivityGuessed: times.isEmpty && createdAt == nil && updatedAt == nil)
    let calls = Dictionary(messages.flatMap(\.toolCalls).map { ($0.id, $0) }) { first, _ in first }
    return [.thread(record)]
      + messages.map { message in
        let message = Message(
          id: MessageID(UUID(named: message.id, in: name)).copied(into: thread),
          role: message.role, content: message.content, createdAt: message.createdAt ?? fallback,
          answer: message.answer, toolCalls: message.toolCalls,
          resultOf: message.toolCallID.map { id in
            calls[id] ?? ToolCall(id: id, name: "tool", arguments: "{}")
          })
        return .step(StepRecord(thread: thread, id: message.id, message: message))
      }
  }
}

/// A message as another program tells it.
struct ForeignMessage {
  /// Tells it from the others of its conversation.
  var id: String
  var role: Role
  var content: String
  var createdAt: Timestamp?
  var answer: AnswerDetails?
  var toolCalls: [ToolCall] = []
  var toolCallID: String?
}

extension Role {
  /// The role of this name, as programs name it.
  init?(foreign name: String?) {
    switch name?.lowercased() {
    case "user", "human": self = .user
    case "assistant", "model", "ai", "bot": self = .assistant
    case "system", "developer": self = .system
    case "tool", "function": self = .tool
    default: return nil
    }
  }
}

/// A piece of what somebody said.
enum ForeignPiece {
  case text(String)
  /// Something else, by its name as far as it has one.
  case other(ImportOmission, name: String?)

  /// The text of a message. A picture or a file that has a name is named in its place; so is
  /// anything else, where nothing but it was said.
  static func text(of pieces: [ForeignPiece]) -> String {
    let isSilent = !pieces.contains { $0.hasText }
    return pieces.compactMap { piece -> String? in
      switch piece {
      case .text(let text): return isSilent ? nil : text
      case .other(let kind, let name):
        let word: String
        switch kind {
        case .images: word = "image"
        case .files: word = "file"
        case .audio where isSilent: word = "audio"
        case .video where isSilent: word = "video"
        default: return nil
        }
        return name.map { "[\(word): \($0)]" } ?? (isSilent ? "[\(word)]" : nil)
      }
    }.joined(separator: "\n")
  }

  private var hasText: Bool {
    if case .text(let text) = self { !text.allSatisfy(\.isWhitespace) } else { false }
  }
}

extension JSONValue {
  /// What names something: a text with something in it, or a whole number.
  var identifier: String? {
    text.map { $0.isEmpty ? nil : $0 } ?? wholeNumber.map(String.init)
  }
}
