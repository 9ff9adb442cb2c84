import SessionCore

/// One named value of a span, as OpenTelemetry has them.
struct TraceAttribute: Sendable, Hashable {
  enum Value: Sendable, Hashable {
    case string(String)
    case strings([String])
    case integer(Int)
  }

  let key: String
  let value: Value

  init(_ key: String, _ value: Value) {
    self.key = key
    self.value = value
  }

  init(_ key: String, _ text: String) { self.init(key, .string(text)) }

  /// As OTLP's JSON has it: a list entry, and 64-bit numbers in decimal text.
  var json: JSONValue { ["key": .string(key), "value": value.json] }
}

extension TraceAttribute.Value {
  /// As OTLP's `AnyValue`.
  func write(to writer: inout ProtobufWriter) {
    switch self {
    // Also the empty one: without it there would be no value at all.
    case .string(let text): writer.data(1, text.utf8)
    case .integer(let number): writer.number(3, Int64(number))
    case .strings(let texts):
      writer.message(5) { list in
        for text in texts { list.message(1) { $0.data(1, text.utf8) } }
      }
    }
  }

  fileprivate var json: JSONValue {
    switch self {
    case .string(let text): ["stringValue": .string(text)]
    case .integer(let number): ["intValue": .string(String(number))]
    case .strings(let texts):
      ["arrayValue": ["values": .array(texts.map { ["stringValue": .string($0)] })]]
    }
  }
}
