import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A message as an element of a session's list.
///
/// `{"id":"…","role":"user","content":"…","at":1795390000123}`, and for an answer `"answer"` with
/// `state`, `model`, `usage`, `finishReason` and `startedAt`, of which those that are not known are
/// left out; `"toolCalls"` and `"resultOf"` where tools were called; `"metadata"`. Fields that are
/// not known to us are passed over, and stay: no element is ever rewritten.
///
/// Written and read by hand, at several times the speed of a general coder.
enum MessageJSON {
  static func encode(_ message: Message) -> [UInt8] {
    var json: [UInt8] = []
    json.reserveCapacity(message.content.utf8.count + 120)
    json.append("{\"id\":\"")
    json.append(message.id.uuid)
    json.append("\",\"role\":\"")
    json.append(message.role.rawValue)
    json.append("\",\"content\":")
    json.append(quoted: message.content)
    json.append(",\"at\":")
    json.append(String(message.createdAt.milliseconds))
    if let answer = message.answer {
      json.append(",\"answer\":{\"state\":\"")
      json.append(answer.state.rawValue)
      json.append("\"")
      if let model = answer.model {
        json.append(",\"model\":")
        json.append(quoted: model)
      }
      if let usage = answer.usage {
        json.append(
          ",\"usage\":{\"promptTokenCount\":\(usage.promptTokenCount)"
            + ",\"answerTokenCount\":\(usage.answerTokenCount)"
            + ",\"thoughtTokenCount\":\(usage.thoughtTokenCount)"
            + ",\"totalTokenCount\":\(usage.totalTokenCount)")
        if let count = usage.cachedTokenCount { json.append(",\"cachedTokenCount\":\(count)") }
        json.append("}")
      }
      if let reason = answer.finishReason {
        json.append(",\"finishReason\":")
        json.append(quoted: reason)
      }
      if let id = answer.responseID {
        json.append(",\"responseID\":")
        json.append(quoted: id)
      }
      if let start = answer.startedAt { json.append(",\"startedAt\":\(start.milliseconds)") }
      json.append("}")
    }
    encodeTools(of: message, into: &json)
    if !message.metadata.isEmpty {
      json.append(",\"metadata\":")
      json += JSONValue.object(message.metadata).jsonBytes
    }
    json.append("}")
    return json
  }

  private static func encodeTools(of message: Message, into json: inout [UInt8]) {
    if !message.toolCalls.isEmpty {
      json.append(",\"toolCalls\":[")
      for (index, call) in message.toolCalls.enumerated() {
        if index > 0 { json.append(",") }
        encode(call, into: &json)
      }
      json.append("]")
    }
    if let call = message.resultOf {
      json.append(",\"resultOf\":")
      encode(call, into: &json)
    }
  }

  private static func encode(_ call: ToolCall, into json: inout [UInt8]) {
    json.append("{\"id\":")
    json.append(quoted: call.id)
    json.append(",\"name\":")
    json.append(quoted: call.name)
    json.append(",\"arguments\":")
    json.append(quoted: call.arguments)
    if let signature = call.signature {
      json.append(",\"signature\":")
      json.append(quoted: signature)
    }
    json.append("}")
  }

  /// Nil when the element is no message of ours.
  static func decode(_ element: [UInt8]) -> Message? {
    var scanner = JSONScanner(element)
    var id: MessageID?
    var role: Role?
    var content: String?
    var createdAt: Timestamp?
    var answer: AnswerDetails?
    var toolCalls: [ToolCall] = []
    var resultOf: ToolCall?
    var metadata: [String: JSONValue] = [:]
    do throws(JSONScanner.Malformed) {
      try scanner.object { (name, scanner) throws(JSONScanner.Malformed) in
        switch name {
        case "id": id = UUID(text: try scanner.string()).map(MessageID.init)
        case "role": role = Role(rawValue: try scanner.string())
        case "content": content = try scanner.string()
        case "at": createdAt = Timestamp(milliseconds: try scanner.integer())
        case "answer": answer = try Self.answer(&scanner)
        case "toolCalls": toolCalls = try Self.toolCalls(&scanner)
        case "resultOf": resultOf = try Self.toolCall(&scanner)
        case "metadata":
          let value = try? JSONValue(parsing: Array(try scanner.rawValue()))
          metadata = value?.fields ?? [:]
        default: try scanner.skip()
        }
      }
      try scanner.end()
    } catch {
      return nil
    }
    guard let id, let role, let content, let createdAt else { return nil }
    return Message(
      id: id, role: role, content: content, createdAt: createdAt, answer: answer,
      toolCalls: toolCalls, resultOf: resultOf, metadata: metadata)
  }

  private static func toolCalls(
    _ scanner: inout JSONScanner
  ) throws(JSONScanner.Malformed) -> [ToolCall] {
    var calls: [ToolCall] = []
    try scanner.array { (scanner) throws(JSONScanner.Malformed) in
      calls.append(try toolCall(&scanner))
    }
    return calls
  }

  private static func toolCall(
    _ scanner: inout JSONScanner
  ) throws(JSONScanner.Malformed) -> ToolCall {
    var texts: [String: String] = [:]
    try scanner.object { (name, scanner) throws(JSONScanner.Malformed) in
      switch name {
      case "id", "name", "arguments", "signature": texts[name] = try scanner.string()
      default: try scanner.skip()
      }
    }
    guard let id = texts["id"], let name = texts["name"], let arguments = texts["arguments"]
    else { throw JSONScanner.Malformed() }
    return ToolCall(id: id, name: name, arguments: arguments, signature: texts["signature"])
  }

  private static func answer(
    _ scanner: inout JSONScanner
  ) throws(JSONScanner.Malformed) -> AnswerDetails? {
    var state: AnswerState?
    var details = AnswerDetails(state: .complete)
    try scanner.object { (name, scanner) throws(JSONScanner.Malformed) in
      switch name {
      case "state": state = AnswerState(rawValue: try scanner.string())
      case "model": details.model = try scanner.optionalString()
      case "usage": details.usage = try usage(&scanner)
      case "finishReason": details.finishReason = try scanner.optionalString()
      case "responseID": details.responseID = try scanner.optionalString()
      case "startedAt": details.startedAt = Timestamp(milliseconds: try scanner.integer())
      default: try scanner.skip()
      }
    }
    // A state of a later version: the text is still good.
    guard let state else { return nil }
    details.state = state
    return details
  }

  private static func usage(
    _ scanner: inout JSONScanner
  ) throws(JSONScanner.Malformed) -> TokenUsage {
    var usage = TokenUsage()
    try scanner.object { (name, scanner) throws(JSONScanner.Malformed) in
      switch name {
      case "promptTokenCount": usage.promptTokenCount = Int(try scanner.integer())
      case "answerTokenCount": usage.answerTokenCount = Int(try scanner.integer())
      case "cachedTokenCount": usage.cachedTokenCount = Int(try scanner.integer())
      case "thoughtTokenCount": usage.thoughtTokenCount = Int(try scanner.integer())
      case "totalTokenCount": usage.totalTokenCount = Int(try scanner.integer())
      default: try scanner.skip()
      }
    }
    return usage
  }

  /// Reads an element of the original application, `role: text`. It has neither name nor time: the
  /// name is made from the conversation and the position, so that it is the same at every reading.
  static func decodeLegacy(
    _ element: [UInt8], in conversation: ConversationID, position: Int
  ) -> Message? {
    guard let colon = element.firstIndex(of: UInt8(ascii: ":")), colon <= 16,
      element.dropFirst(colon + 1).first == UInt8(ascii: " "),
      let role = Role(
        rawValue: String(decoding: element[..<colon], as: UTF8.self).lowercased()),
      let content = String(validating: element[(colon + 2)...], as: UTF8.self)
    else { return nil }
    let name = "legacy message \(position) of \(conversation)"
    let digest = SHA1.digest(of: Array(name.utf8))
    return Message(
      id: MessageID(UUID(namedBy: digest)), role: role, content: content,
      createdAt: Timestamp(milliseconds: 0))
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ text: String) { append(contentsOf: text.utf8) }

  /// The small letters of a UUID's 36-character form.
  fileprivate mutating func append(_ uuid: UUID) { append(contentsOf: uuid.text.utf8) }

  fileprivate mutating func append(quoted text: String) {
    append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        append(UInt8(ascii: "\\"))
        append(byte)
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case 0..<0x20:
        append("\\u00")
        append(byte.hexadecimal.0)
        append(byte.hexadecimal.1)
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }
}
