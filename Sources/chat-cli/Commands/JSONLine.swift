import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The objects that `--json` prints, one on each line. Keys may be added, and stand in the order of
/// the alphabet; what there is none of is left out.
enum JSONLine {
  static func of(_ object: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(object), as: UTF8.self)
  }

  /// `2026-11-25T07:15:16.123Z`
  static func time(_ moment: Timestamp) -> String {
    // A Double would lose a millisecond of half of them.
    let (seconds, part) = moment.milliseconds.quotientAndRemainder(dividingBy: 1000)
    let whole = part < 0 ? seconds - 1 : seconds
    let milliseconds = "\(1000 + (part + 1000) % 1000)".dropFirst()
    let date = Date(timeIntervalSince1970: Double(whole))
    return date.formatted(Date.ISO8601FormatStyle()).dropLast() + ".\(milliseconds)Z"
  }
}

/// A warm session.
struct SessionObject: Encodable {
  let id: ConversationID
  let messages: Int
  let secondsLeft: Int64
  let pinned: Bool
  let current: Bool

  init(_ session: SessionSummary, isCurrent: Bool) {
    id = session.id
    messages = session.messageCount
    secondsLeft = session.timeLeft.components.seconds
    pinned = session.isPinned
    current = isCurrent
  }
}

/// A thread of a list. The last one of a page names the next page.
struct ThreadObject: Encodable {
  let id: ConversationID
  let name: String?
  let createdAt: String
  let lastActivity: String
  let messages: Int
  let next: String?

  init(_ thread: ThreadSummary, next: PageCursor?) {
    id = thread.id
    name = thread.name
    createdAt = JSONLine.time(thread.createdAt)
    lastActivity = JSONLine.time(thread.lastActivity)
    messages = thread.messageCount
    self.next = next?.description
  }
}

/// A thread that a search found.
struct SearchObject: Encodable {
  let thread: ThreadObject
  let message: MessageID?
  let snippet: String
  let next: String?

  init(_ hit: SearchHit, next: PageCursor?) {
    thread = ThreadObject(hit.thread, next: nil)
    message = hit.message
    snippet = hit.snippet.text
    self.next = next?.description
  }
}

/// A message.
struct MessageObject: Encodable {
  struct Usage: Encodable {
    let promptTokens: Int
    let answerTokens: Int
    let thoughtTokens: Int
    let totalTokens: Int
  }

  let id: MessageID
  let role: String
  let content: String
  let createdAt: String
  let state: String?
  let model: String?
  let finishReason: String?
  let usage: Usage?
  let toolCalls: [ToolCall]?
  let resultOf: ToolCall?
  let metadata: [String: JSONValue]?

  init(_ message: Message) {
    id = message.id
    role = message.role.rawValue
    content = message.content
    createdAt = JSONLine.time(message.createdAt)
    state = message.answer?.state.rawValue
    model = message.answer?.model
    finishReason = message.answer?.finishReason
    usage = message.answer?.usage.map {
      Usage(
        promptTokens: $0.promptTokenCount, answerTokens: $0.answerTokenCount,
        thoughtTokens: $0.thoughtTokenCount, totalTokens: $0.totalTokenCount)
    }
    toolCalls = message.toolCalls.isEmpty ? nil : message.toolCalls
    resultOf = message.resultOf
    metadata = message.metadata.isEmpty ? nil : message.metadata
  }
}

/// A question and its answer.
struct TurnObject: Encodable {
  let thread: ConversationID
  let question: MessageObject
  let answer: MessageObject
  /// Why the answer is not a model's, or not whole.
  let reason: String?

  init(question: Message, answer: Message, in thread: ConversationID, reason: String?) {
    self.thread = thread
    self.question = MessageObject(question)
    self.answer = MessageObject(answer)
    self.reason = reason
  }
}

/// A thread that was renamed.
struct RenameObject: Encodable {
  let id: ConversationID
  let name: String
}

/// A thread that was deleted, with what went with it.
struct DeletionObject: Encodable {
  let id: ConversationID
  let threads: Int
  let messages: Int
  let elements: Int
  let feedback: Int

  init(id: ConversationID, _ counts: DeletionCounts) {
    self.id = id
    threads = counts.threads
    messages = counts.steps
    elements = counts.elements
    feedback = counts.feedbacks
  }
}

/// A thread that was copied.
struct ForkObject: Encodable {
  let id: ConversationID
  let origin: ConversationID
  let messages: Int
}

/// A session that is exempt from eviction now, or no longer.
struct PinObject: Encodable {
  let id: ConversationID
  let pinned: Bool
}

/// An answer that was judged.
struct FeedbackObject: Encodable {
  let thread: ConversationID
  let message: MessageID
  let feedback: String?
  let comment: String?
}

/// What was written to an export.
struct ExportObject: Encodable {
  let user: String
  let threads: Int
  let messages: Int
  let elements: Int
}

/// What an import brought.
struct ImportObject: Encodable {
  /// A record of which there is something to say.
  struct Remark: Encodable {
    let file: String?
    let line: Int
    let number: Int
    let id: String?
    let title: String?
    let reason: String

    init(_ remark: ImportRemark, _ texts: Texts) {
      file = remark.place.file
      line = remark.place.line
      number = remark.place.number
      id = remark.id
      title = remark.title
      reason = texts.reason(of: remark)
    }
  }

  let user: String
  let threads: Int
  let messages: Int
  let elements: Int
  /// What was there already.
  let known: Int
  let skipped: [Remark]?
  let repaired: [Remark]?
  let leftOut: [String: Int]?

  init(_ report: ImportReport, of user: UserID, _ texts: Texts) {
    self.user = user.name
    threads = report.counts.threads
    messages = report.counts.steps
    elements = report.counts.elements
    known = report.counts.known
    skipped = report.skipped.isEmpty ? nil : report.skipped.map { Remark($0, texts) }
    repaired = report.repaired.isEmpty ? nil : report.repaired.map { Remark($0, texts) }
    leftOut =
      report.leftOut.isEmpty
      ? nil : Dictionary(uniqueKeysWithValues: report.leftOut.map { ($0.key.rawValue, $0.value) })
  }
}

/// What was removed of old threads, or would be.
struct PruneObject: Encodable {
  let days: Int
  let dryRun: Bool
  let threads: Int
  let messages: Int
  let elements: Int
  let feedback: Int
}

/// What was removed of a user, or would be.
struct ForgetObject: Encodable {
  let user: String
  let dryRun: Bool
  let threads: Int
  let messages: Int
  let elements: Int
  let feedback: Int
  let sessions: Int
  let journaled: Int
  /// Messages in the history of the editor.
  let typed: Int
}
