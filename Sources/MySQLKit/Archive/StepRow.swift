import SessionCore

/// The `type` of the steps that are messages. Steps of other types (`run` …) are Chainlit's own,
/// and are skipped when a thread is read.
enum StepType: String {
  case user = "user_message"
  case assistant = "assistant_message"
  case system = "system_message"
  case tool

  init(_ role: Role) {
    self =
      switch role {
      case .user: .user
      case .assistant: .assistant
      case .system: .system
      case .tool: .tool
      }
  }

  /// The names, as rows hold them.
  private static let names = [user, assistant, system, tool].map { ($0, Array($0.rawValue.utf8)) }

  /// The type of this name.
  init?(utf8 name: UnsafeBufferPointer<UInt8>) {
    let found = Self.names.first { $0.1.count == name.count && name.elementsEqual($0.1) }
    guard let found else { return nil }
    self = found.0
  }

  var role: Role {
    switch self {
    case .user: .user
    case .assistant: .assistant
    case .system: .system
    case .tool: .tool
    }
  }

  /// Whether a step `s` is a message of the conversation: of our types, and not rewound.
  static let isLiving = "\(isMessage) AND s.rewound = 0"
  /// Whether a step `s` is a message.
  static let isMessage =
    "s.type IN ('user_message','assistant_message','system_message','tool')"
}

/// A message as a row of `Step`, but for the time: that depends on the row before.
struct StepRow: Sendable {
  private let name: String
  private let type: StepType
  private let message: Message

  init(_ message: Message, user: UserID, assistantName: String) {
    self.message = message
    type = StepType(message.role)
    name =
      switch message.role {
      case .user: user.name
      case .assistant: assistantName
      // Chainlit shows a tool's step under this name.
      case .tool: message.resultOf?.name ?? message.role.rawValue
      case .system: message.role.rawValue
      }
  }

  /// The columns that ``values(in:at:)`` gives values for.
  static let columns = """
    id, threadId, name, type, input, output, metadata, createdAt, startTime, endTime, isError, \
    generation, tags, feedback, ordered
    """
  /// The place of one row in `VALUES`.
  static let placeholders = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', '{}', 1)"

  /// The values of the row. `createdAt` is the row's time in microseconds, at or after the
  /// message's own.
  func values(in thread: ConversationID, at createdAt: Int64) -> [MySQLValue] {
    let time = MySQLValue(microseconds: createdAt)
    let start =
      message.answer.map { MySQLValue(microseconds: $0.startedAt?.columnMicroseconds) } ?? time
    return [
      .text(message.id.description), .text(thread.description), .text(name), .text(type.rawValue),
      MySQLValue(message.resultOf?.arguments), .text(message.content),
      .text(metadata(createdAt)), time, start, time,
      .integer(message.answer?.state == .error ? 1 : 0), .text(generation),
    ]
  }

  /// State, calls of tools, the message's own metadata and, when the row's time is not the
  /// message's, that time too.
  private func metadata(_ createdAt: Int64) -> String {
    var json = JSONObjectText()
    if let state = message.answer?.state { json.add("state", state.rawValue) }
    if !message.toolCalls.isEmpty {
      json.add("toolCalls", message.toolCalls.map(JSONObjectText.init(_:)))
    }
    if let call = message.resultOf { json.add("resultOf", json: JSONObjectText(call).text) }
    if !message.metadata.isEmpty {
      json.add("metadata", json: JSONValue.object(message.metadata).jsonText)
    }
    if Timestamp(microseconds: createdAt) != message.createdAt {
      json.add("at", message.createdAt.milliseconds)
    }
    return json.text
  }

  private var generation: String {
    var json = JSONObjectText()
    if let answer = message.answer {
      if let model = answer.model { json.add("model", model) }
      if let usage = answer.usage {
        json.add("inputTokenCount", Int64(usage.promptTokenCount))
        json.add("outputTokenCount", Int64(usage.answerTokenCount))
        json.add("thoughtTokenCount", Int64(usage.thoughtTokenCount))
        json.add("tokenCount", Int64(usage.totalTokenCount))
        if let count = usage.cachedTokenCount { json.add("cachedTokenCount", Int64(count)) }
      }
      if let reason = answer.finishReason { json.add("finishReason", reason) }
      if let id = answer.responseID { json.add("responseId", id) }
    }
    return json.text
  }

}

extension Message {
  /// The time of the message's row, in microseconds: its own, or later than the row before, for
  /// readers that sort by time alone.
  func rowTime(after last: Int64?) -> Int64 {
    let own = createdAt.columnMicroseconds
    return last.map { max(own, $0 + 1) } ?? own
  }
}

extension MySQLValue {
  /// The date and time `microseconds` after 1970; NULL when that is nil or no column can hold it.
  init(microseconds: Int64?) {
    self = microseconds.flatMap(MySQLDateTime.init(microseconds:)).map { .dateTime($0) } ?? .null
  }
}

extension StepRow {
  /// The columns that ``message(from:)`` reads, of `Step s`.
  static let readColumns =
    "s.id, s.type, s.output, s.createdAt, s.startTime, s.metadata, s.generation"

  /// The message that a row holds; nil when the row is none (a `run`, a broken id).
  static func message(from row: borrowing FetchedRow) throws(MySQLError) -> Message? {
    guard let id = try row.withUTF8OrNil(0, MessageID.init(utf8:)) ?? nil,
      let type = try row.withUTF8OrNil(1, StepType.init(utf8:)) ?? nil
    else { return nil }
    let metadata = try row.withUTF8OrNil(5, JSONFields.init(reading:))
    let createdAt = Self.createdAt(try row.dateTimeOrNil(3), metadata)
    let content = try row.textOrNil(2) ?? ""
    guard let metadata, !metadata.isEmpty else {
      return Message(id: id, role: type.role, content: content, createdAt: createdAt)
    }
    var answer: AnswerDetails?
    if let state = metadata.texts["state"].flatMap(AnswerState.init(rawValue:)) {
      let startedAt = try row.dateTimeOrNil(4)?.microseconds
      answer = AnswerDetails(
        state, try row.withUTF8OrNil(6, JSONFields.init(reading:)) ?? JSONFields(),
        startedAt: startedAt.map { Timestamp(microseconds: $0) })
    }
    return Message(
      id: id, role: type.role, content: content, createdAt: createdAt, answer: answer,
      toolCalls: metadata.nested["toolCalls"].map(ToolCall.all(inJSON:)) ?? [],
      resultOf: metadata.nested["resultOf"].flatMap(ToolCall.init(inJSON:)),
      metadata: metadata.nested["metadata"].flatMap(Self.fields(inJSON:)) ?? [:])
  }
}

extension StepRow {
  private static func fields(inJSON json: String) -> [String: JSONValue]? {
    (try? JSONValue(parsing: Array(json.utf8)))?.fields
  }

  /// When a message was said, by the time and the metadata of its row.
  static func createdAt(_ time: MySQLDateTime?, _ metadata: String?) -> Timestamp {
    createdAt(time, metadata.map(JSONFields.init(reading:)))
  }

  private static func createdAt(_ time: MySQLDateTime?, _ metadata: JSONFields?) -> Timestamp {
    metadata?.numbers["at"].map(Timestamp.init(milliseconds:))
      ?? Timestamp(microseconds: time?.microseconds ?? 0)
  }
}

extension JSONObjectText {
  fileprivate init(_ call: ToolCall) {
    self.init()
    add("id", call.id)
    add("name", call.name)
    add("arguments", call.arguments)
    if let signature = call.signature { add("signature", signature) }
  }
}

extension ToolCall {
  /// Reads a list of calls; one that is incomplete is left out.
  fileprivate static func all(inJSON json: String) -> [ToolCall] {
    JSONFields.objects(inArray: json).compactMap(ToolCall.init)
  }

  /// Reads one call; nil when it is incomplete.
  fileprivate init?(inJSON json: String) { self.init(JSONFields(reading: json)) }

  private init?(_ fields: JSONFields) {
    guard let id = fields.texts["id"], let name = fields.texts["name"],
      let arguments = fields.texts["arguments"]
    else { return nil }
    self.init(id: id, name: name, arguments: arguments, signature: fields.texts["signature"])
  }
}

extension AnswerDetails {
  fileprivate init(_ state: AnswerState, _ generation: JSONFields, startedAt: Timestamp?) {
    self.init(
      state: state, model: generation.texts["model"],
      usage: generation.numbers["tokenCount"].map { total in
        TokenUsage(
          promptTokenCount: Int(generation.numbers["inputTokenCount"] ?? 0),
          answerTokenCount: Int(generation.numbers["outputTokenCount"] ?? 0),
          thoughtTokenCount: Int(generation.numbers["thoughtTokenCount"] ?? 0),
          totalTokenCount: Int(total),
          cachedTokenCount: generation.numbers["cachedTokenCount"].map { Int($0) })
      },
      finishReason: generation.texts["finishReason"], responseID: generation.texts["responseId"],
      startedAt: startedAt)
  }
}

extension Timestamp {
  /// Microseconds since 1970, brought into what a column can hold.
  var columnMicroseconds: Int64 {
    let range = MySQLDateTime.microsecondRange
    return min(max(milliseconds, range.lowerBound / 1000), range.upperBound / 1000) * 1000
  }

  /// The millisecond that holds `microseconds` since 1970.
  init(microseconds: Int64) {
    let milliseconds = microseconds / 1000
    self.init(milliseconds: microseconds % 1000 < 0 ? milliseconds - 1 : milliseconds)
  }
}
