import SessionCore

/// The body of an OTLP/HTTP request in JSON.
package enum OTLPExport {
  static let scopeName = "llmkit"
  static let scopeVersion = "1.0.0"

  /// The document that holds `spans`; none are a document too, which a server takes and ignores.
  package static func body(_ spans: [TraceSpan], labels: TraceLabels) -> [UInt8] {
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

  private static func json(_ span: TraceSpan, _ labels: TraceLabels) -> JSONValue {
    var fields: [String: JSONValue] = [
      "traceId": .string(span.trace.id.description),
      "spanId": .string(span.id.description),
      "name": .string(span.name),
      // A call that leaves the process, or work inside it.
      "kind": span.generation == nil ? 1 : 3,
      "startTimeUnixNano": .string(nanoseconds(span.startedAt)),
      "endTimeUnixNano": .string(nanoseconds(max(span.startedAt, span.endedAt))),
      "attributes": list(span.attributes(labels)),
      "status": status(of: span),
    ]
    if let parent = span.parent { fields["parentSpanId"] = .string(parent.description) }
    return .object(fields)
  }

  private static func status(of span: TraceSpan) -> JSONValue {
    switch span.status {
    case .unset: ["code": 0]
    case .ok: ["code": 1]
    case .error: ["code": 2, "message": .string(span.statusMessage ?? "")]
    }
  }

  private static func list(_ attributes: [TraceAttribute]) -> JSONValue {
    .array(attributes.map(\.json))
  }

  /// In text, as OTLP wants 64-bit numbers, so that no number can overflow.
  private static func nanoseconds(_ moment: Timestamp) -> String {
    moment.milliseconds > 0 ? "\(moment.milliseconds)000000" : "0"
  }
}
