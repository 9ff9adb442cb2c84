import SessionCore

/// Where traces go by OpenTelemetry's own variables.
struct OpenTelemetrySettings: Sendable {
  /// The whole address of traces.
  let address: Settings.Address
  let headers: [String: Secret]
  /// Whether the place wants JSON instead of Protocol Buffers.
  let isJSON: Bool

  /// Nil when no address is set.
  init?(_ sources: SettingSources) throws(UsageError) {
    let whole = try sources.find(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
    let base = try sources.find(["OTEL_EXPORTER_OTLP_ENDPOINT"])
    guard let place = whole ?? base else { return nil }
    let fields = try sources.find([
      "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS",
    ])
    try Check.key(fields, mayGoTo: place)
    let kind = try sources.find([
      "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL",
    ])
    if let kind, !["http/protobuf", "http/json"].contains(kind.text) {
      throw UsageError(kind.text, from: kind.origin, expected: Phrase("http/protobuf, http/json"))
    }
    isJSON = kind?.text == "http/json"
    headers = try fields.map(Self.headers) ?? [:]
    var url = place.text
    if whole == nil {
      while url.hasSuffix("/") { url.removeLast() }
      url += "/v1/traces"
    }
    address = Settings.Address(Sourced(text: url, origin: place.origin))
  }

  /// `name=value,name=value`, the values percent-encoded.
  private static func headers(_ source: Sourced) throws(UsageError) -> [String: Secret] {
    var headers: [String: Secret] = [:]
    for field in source.text.split(separator: ",") {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let value = decoded(trimmed(parts[1])) else {
        throw UsageError(
          nil, from: source.origin,
          expected: Phrase("nom=valeur,nom=valeur", "name=value,name=value"))
      }
      headers[String(trimmed(parts[0]))] = Secret(value)
    }
    return headers
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let digits = String(rest.prefix(2)), !digits.hasPrefix("+"),
        let escaped = UInt8(digits, radix: 16)
      else { return nil }
      bytes.append(escaped)
      rest.removeFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
