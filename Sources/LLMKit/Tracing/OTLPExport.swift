import SessionCore

/// The body of an OTLP/HTTP request, in either of its forms.
package enum OTLPExport {
  static let scopeName = "llmkit"
  static let scopeVersion = PackageVersion.current

  /// The document that holds `spans`; none are a document too, which a server takes and ignores.
  package static func body(
    _ spans: [TraceSpan], labels: TraceLabels, encoding: TraceEncoding = .json
  ) -> [UInt8] {
    switch encoding {
    case .json: json(spans, labels)
    case .protobuf: protobuf(spans, labels)
    }
  }

  private static func resourceAttributes(_ labels: TraceLabels) -> [TraceAttribute] {
    var attributes = [TraceAttribute("service.name", labels.serviceName)]
    if let version = labels.serviceVersion {
      attributes.append(TraceAttribute("service.version", version))
    }
    if let environment = labels.environment {
      attributes.append(TraceAttribute("deployment.environment.name", environment))
    }
    return attributes
  }

  private static func status(of span: TraceSpan) -> (code: Int64, message: String) {
    switch span.status {
    case .unset: (0, "")
    case .ok: (1, "")
    case .error: (2, span.statusMessage ?? "")
    }
  }

  /// A call that leaves the process (client), or work inside it.
  private static func kind(of span: TraceSpan) -> Int64 { span.generation == nil ? 1 : 3 }

  // MARK: JSON

  private static func json(_ spans: [TraceSpan], _ labels: TraceLabels) -> [UInt8] {
    if spans.isEmpty { return Array(#"{"resourceSpans":[]}"#.utf8) }
    let resource: JSONValue = ["attributes": list(resourceAttributes(labels))]
    let scope: JSONValue = ["name": .string(scopeName), "version": .string(scopeVersion)]
    let scopeSpans: JSONValue = [
      "scope": scope, "spans": .array(spans.map { json($0, labels) }),
    ]
    let document: JSONValue = [
      "resourceSpans": [["resource": resource, "scopeSpans": [scopeSpans]]]
    ]
    return document.jsonBytes
  }

  private static func json(_ span: TraceSpan, _ labels: TraceLabels) -> JSONValue {
    let (code, message) = status(of: span)
    var fields: [String: JSONValue] = [
      "traceId": .string(span.trace.id.description),
      "spanId": .string(span.id.description),
      "name": .string(span.name),
      "kind": .integer(kind(of: span)),
      "startTimeUnixNano": .string(nanoseconds(span.startedAt)),
      "endTimeUnixNano": .string(nanoseconds(max(span.startedAt, span.endedAt))),
      "attributes": list(span.attributes(labels)),
      "status": code == 2
        ? ["code": .integer(code), "message": .string(message)] : ["code": .integer(code)],
    ]
    if let parent = span.parent { fields["parentSpanId"] = .string(parent.description) }
    return .object(fields)
  }

  private static func list(_ attributes: [TraceAttribute]) -> JSONValue {
    .array(attributes.map(\.json))
  }

  /// In text, as OTLP wants 64-bit numbers, so that no number can overflow.
  private static func nanoseconds(_ moment: Timestamp) -> String {
    moment.milliseconds > 0 ? "\(moment.milliseconds)000000" : "0"
  }

  // MARK: Protocol Buffers

  // Field numbers are those of opentelemetry/proto/trace/v1/trace.proto and its neighbours.
  private static func protobuf(_ spans: [TraceSpan], _ labels: TraceLabels) -> [UInt8] {
    var request = ProtobufWriter()
    if spans.isEmpty { return request.bytes }
    request.message(1) { resourceSpans in
      resourceSpans.message(1) { write(resourceAttributes(labels), in: 1, to: &$0) }
      resourceSpans.message(2) { scopeSpans in
        scopeSpans.message(1) {
          $0.text(1, scopeName)
          $0.text(2, scopeVersion)
        }
        for span in spans { scopeSpans.message(2) { write(span, labels, to: &$0) } }
      }
    }
    return request.bytes
  }

  private static func write(
    _ span: TraceSpan, _ labels: TraceLabels, to writer: inout ProtobufWriter
  ) {
    writer.data(1, bytes(ofHexadecimal: span.trace.id.description))
    writer.data(2, bytes(ofHexadecimal: span.id.description))
    if let parent = span.parent { writer.data(4, bytes(ofHexadecimal: parent.description)) }
    writer.text(5, span.name)
    writer.varint(6, UInt64(kind(of: span)))
    writer.fixed64(7, nanosecondCount(span.startedAt))
    writer.fixed64(8, nanosecondCount(max(span.startedAt, span.endedAt)))
    write(span.attributes(labels), in: 9, to: &writer)
    let (code, message) = status(of: span)
    writer.message(15) {
      $0.text(2, message)
      $0.varint(3, UInt64(code))
    }
  }

  private static func write(
    _ attributes: [TraceAttribute], in field: UInt8, to writer: inout ProtobufWriter
  ) {
    for attribute in attributes {
      writer.message(field) {
        $0.text(1, attribute.key)
        $0.message(2) { attribute.value.write(to: &$0) }
      }
    }
  }

  private static func bytes(ofHexadecimal text: String) -> [UInt8] {
    let digits = Array(text.utf8)
    return stride(from: 0, to: digits.count - 1, by: 2).map { index in
      UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
    }
  }

  private static func nanosecondCount(_ moment: Timestamp) -> UInt64 {
    UInt64(max(0, moment.milliseconds)).multipliedReportingOverflow(by: 1_000_000).partialValue
  }
}

/// How traces are written for the wire.
public enum TraceEncoding: String, Sendable, Hashable, CaseIterable {
  /// Protocol Buffers: what every receiver takes.
  case protobuf = "http/protobuf"
  /// JSON.
  case json = "http/json"

  var contentType: String {
    switch self {
    case .protobuf: "application/x-protobuf"
    case .json: "application/json"
    }
  }
}
