#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a JSON value of an import is.
enum ImportedRecord {
  /// A line of our own export.
  case own(ArchiveRecord)
  /// A conversation; nil when nothing was said in it.
  case conversation(ForeignConversation?)
  /// A message that belongs to the conversation that the values beside it make.
  case message(JSONValue)
  /// Values of their own.
  case list([JSONValue])
  /// It is something else.
  case unknown

  /// Reads a value, with the id and the title that it tells.
  static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, at now: Timestamp
  ) throws(JSONError) -> (record: ImportedRecord, id: String?, title: String?) {
    let shape = try Shape(bytes)
    if shape.isOwn {
      return (own(bytes, at: now).map(ImportedRecord.own) ?? .unknown, shape.id, shape.title)
    }
    var reader = JSONReader(bytes)
    let record: ImportedRecord
    if shape.has("mapping") || (shape.has("conversation_id") && !shape.has("messages")) {
      record = .conversation(try ChatGPTConversation(reading: &reader).conversation)
    } else if shape.has("messages") {
      record = .conversation(OpenAIConversation(try reader.value()).conversation)
    } else if shape.has("role") {
      record = .message(try reader.value())
    } else if shape.has("conversations") {
      record = list(try reader.value()["conversations"] ?? .null)
    } else if shape.isList {
      record = list(try reader.value())
    } else if shape.has("title"), shape.has("create_time") || shape.has("id") {
      record = .conversation(nil)
    } else {
      record = .unknown
    }
    return (record, shape.id, shape.title)
  }

  /// A list in a list is a conversation, when it holds messages.
  private static func list(_ value: JSONValue) -> ImportedRecord {
    guard let elements = value.elements ?? value.fields.map({ Array($0.values) }) else {
      return .unknown
    }
    if elements.contains(where: { $0["role"] != nil }) {
      return .conversation(OpenAIConversation(value).conversation)
    }
    return elements.isEmpty ? .conversation(nil) : .list(elements)
  }

  /// A line of our own, also one that somebody else wrote or changed: half characters are replaced,
  /// times may be numbers, text or missing.
  private static func own(_ bytes: UnsafeBufferPointer<UInt8>, at now: Timestamp) -> ArchiveRecord?
  {
    if let record = try? ArchiveRecord(line: Data(bytes)) { return record }
    var reader = JSONReader(bytes)
    guard let value = try? reader.value() else { return nil }
    return try? ArchiveRecord(line: Data(withTimes(value, now).jsonBytes))
  }

  private static func withTimes(_ value: JSONValue, _ now: Timestamp) -> JSONValue {
    guard var fields = value.fields else { return value }
    for name in ["message", "element", "answer"] {
      if let nested = fields[name] { fields[name] = withTimes(nested, now) }
    }
    var needed = fields["lastActivity"] == nil ? ["createdAt"] : ["createdAt", "lastActivity"]
    if fields["type"] == "thread" { needed = ["createdAt", "lastActivity"] }
    let hasNone = fields["type"] == "step" || fields["type"] == "user" || fields["state"] != nil
    if hasNone { needed = [] }
    if fields["startedAt"] != nil { needed.append("startedAt") }
    for name in needed {
      if case .integer? = fields[name] { continue }
      let others = [fields[name], fields["createdAt"], fields["lastActivity"]]
      let time = others.lazy.compactMap { Timestamp(importing: $0) }.first ?? now
      fields[name] = .integer(time.milliseconds)
    }
    return .object(fields)
  }
}

/// What is at the top of a value: enough to tell what it is.
private struct Shape {
  private var names: Set<String> = []
  private var type: String?
  private var ids: [String: String] = [:]
  let isList: Bool

  /// - Throws: `JSONError` for what is not exactly one JSON value.
  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    isList = bytes.first == UInt8(ascii: "[")
    var read = (names: Set<String>(), type: String?.none, ids: [String: String]())
    var reader = JSONReader(bytes)
    try reader.readObject { name, reader throws(JSONError) in
      let name = name.text
      read.names.insert(name)
      switch name {
      case "type": read.type = try reader.readString()
      case "title", "name", "conversation_id", "id", "thread":
        if let text = try reader.readString() { read.ids[name] = text }
      default: try reader.skip()
      }
    }
    try reader.end()
    (names, type, ids) = read
  }

  func has(_ name: String) -> Bool { names.contains(name) }

  /// Whether it is a line of our own export.
  var isOwn: Bool {
    switch type {
    case "user": has("user") && has("version")
    case "thread": has("id") && !has("mapping") && !has("messages")
    case "step", "element": has("thread")
    default: false
    }
  }

  var id: String? { ids["conversation_id"] ?? ids["id"] ?? ids["thread"] }
  var title: String? { ids["title"] ?? ids["name"] }
}
