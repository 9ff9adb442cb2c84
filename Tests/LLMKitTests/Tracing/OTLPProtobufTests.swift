import SessionCore
import Testing

@testable import LLMKit

@Suite("Traces in Protocol Buffers, and where OpenTelemetry's variables send them")
struct OTLPProtobufTests {
  typealias Value = ProtobufReader.Value

  private func fields(_ bytes: [UInt8]) throws -> [(number: UInt64, value: Value)] {
    try #require(ProtobufReader.fields(bytes))
  }

  private func data(_ number: UInt64, in bytes: [UInt8]) throws -> [[UInt8]] {
    try fields(bytes).filter { $0.number == number }.compactMap { field in
      if case .data(let data) = field.value { data } else { nil }
    }
  }

  private func number(_ number: UInt64, in bytes: [UInt8]) throws -> UInt64? {
    try fields(bytes).first { $0.number == number }.flatMap { field in
      if case .number(let value) = field.value { value } else { nil }
    }
  }

  private func text(_ bytes: [UInt8]?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
  }

  private var span: TraceSpan {
    var span = TraceSpan(
      "generation", of: TraceContext(id: TraceID(seed: "t"), name: "chat-turn", session: "s"),
      id: SpanID(seed: "a"), parent: SpanID(seed: "b"),
      from: Timestamp(milliseconds: 1_795_390_000_123),
      to: Timestamp(milliseconds: 1_795_390_001_456), status: .error)
    span.statusMessage = "503"
    span.input = .messages([
      .init(role: .system, content: "Sois bref."), .init(role: .user, content: "Bonjour"),
    ])
    span.output = .message(.init(role: .assistant, content: "Salut"))
    span.generation = TraceGeneration(requestedModel: "m")
    return span
  }

  private func attributes(_ spanBytes: [UInt8]) throws -> [String: String] {
    var attributes: [String: String] = [:]
    for attribute in try data(9, in: spanBytes) {
      let key = try #require(text(data(1, in: attribute).first))
      let value = try #require(data(2, in: attribute).first)
      attributes[key] = text(try data(1, in: value).first)
    }
    return attributes
  }

  @Test("R3 A span is the message that OTLP describes, and says all that its JSON says")
  func message() throws {
    let bytes = OTLPExport.body([span], labels: TraceLabels(), encoding: .protobuf)
    let resourceSpans = try #require(data(1, in: bytes).first)
    let scopeSpans = try #require(data(2, in: resourceSpans).first)
    let written = try #require(data(2, in: scopeSpans).first)
    let json = try JSONValue(parsing: OTLPExport.body([span], labels: TraceLabels()))
    let said = try #require(
      json["resourceSpans"]?.elements?[0]["scopeSpans"]?.elements?[0]["spans"]?.elements?[0])
    func hexadecimal(_ bytes: [UInt8]?) -> String? {
      bytes?.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
    }
    #expect(hexadecimal(try data(1, in: written).first) == said["traceId"]?.text)
    #expect(hexadecimal(try data(2, in: written).first) == said["spanId"]?.text)
    #expect(hexadecimal(try data(4, in: written).first) == said["parentSpanId"]?.text)
    #expect(text(try data(5, in: written).first) == "generation")
    #expect(try number(6, in: written) == 3)
    #expect(try number(7, in: written).map(String.init) == said["startTimeUnixNano"]?.text)
    #expect(try number(8, in: written).map(String.init) == said["endTimeUnixNano"]?.text)
    let status = try #require(data(15, in: written).first)
    #expect(try number(3, in: status) == 2)
    #expect(text(try data(2, in: status).first) == "503")
    let attributes = try attributes(written)
    for attribute in said["attributes"]?.elements ?? [] {
      guard let key = attribute["key"]?.text, let value = attribute["value"]?["stringValue"]?.text
      else { continue }
      #expect(attributes[key] == value)
    }
    #expect(OTLPExport.body([], labels: TraceLabels(), encoding: .protobuf).isEmpty)
  }

  @Test("R3 The texts stand in OpenTelemetry's attributes for generative AI too")
  func messages() throws {
    let bytes = OTLPExport.body([span], labels: TraceLabels(), encoding: .protobuf)
    let resourceSpans = try data(1, in: bytes)
    let scopeSpans = try data(2, in: try #require(resourceSpans.first))
    let written = try data(2, in: try #require(scopeSpans.first))
    let attributes = try attributes(try #require(written.first))
    #expect(
      attributes["gen_ai.input.messages"]
        == #"[{"parts":[{"content":"Bonjour","type":"text"}],"role":"user"}]"#)
    #expect(
      attributes["gen_ai.system_instructions"] == #"[{"content":"Sois bref.","type":"text"}]"#)
    #expect(
      attributes["gen_ai.output.messages"]
        == #"[{"finish_reason":"stop","parts":[{"content":"Salut","type":"text"}],"role":"assistant"}]"#
    )
  }

  @Test(
    "R3 A receiver gets Protocol Buffers under their own type, and JSON when that was asked for")
  func sent() async throws {
    for (encoding, type) in [
      (TraceEncoding.protobuf, "application/x-protobuf"), (.json, "application/json"),
    ] {
      let requests = Locked<[String]>([])
      let server = try RawServer { connection, _ in
        while let request = connection.readRequest() {
          requests.withLock { $0.append(request) }
          connection.respond(200, "", headers: "Content-Type: \(type)\r\n")
        }
      }
      let tracer = Tracer(
        try TracingConfiguration(
          openTelemetryURL: server.baseURL + "/v1/traces", encoding: encoding)
      )
      tracer.record([span])
      await tracer.close(within: .seconds(60))
      #expect(tracer.statistics.sentCount == 1)
      #expect(requests.withLock { $0.first?.contains("Content-Type: \(type)\r\n") } == true)
    }
  }

  @Test("R3 A good status alone is no success: only what a tracing server says is")
  func outcomes() {
    func isAccepted(_ status: Int, _ body: [UInt8], _ type: String? = nil) -> Int? {
      if case .accepted(let count) = ExportOutcome(status: status, body: body, contentType: type) {
        count
      } else {
        nil
      }
    }
    let page = Array("<!doctype html><title>Sign in</title>".utf8)
    #expect(isAccepted(200, page, "text/html; charset=utf-8") == nil)
    #expect(isAccepted(200, page) == nil)
    #expect(isAccepted(200, [], "text/html") == nil)
    #expect(isAccepted(200, Array("Welcome".utf8), "text/plain") == nil)
    #expect(isAccepted(200, Array(#"{"error":"no"}"#.utf8)) == nil)
    #expect(isAccepted(301, []) == nil)
    #expect(isAccepted(200, [], "application/x-protobuf") == 0)
    #expect(isAccepted(202, []) == 0)
    #expect(isAccepted(200, Array("null".utf8), "application/json") == 0)
    // partial_success { rejected_spans: 3 }
    #expect(isAccepted(200, [0x0A, 0x02, 0x08, 0x03], "application/x-protobuf") == 3)
  }

  @Test("Refusals are counted by their reason")
  func reasons() {
    var statistics = TracingStatistics()
    statistics.refuse(2, "HTTP 415")
    statistics.refuse(1, "HTTP 415")
    for number in 0..<20 { statistics.refuse(1, "reason \(number)") }
    #expect(statistics.refusedCount == 23)
    #expect(statistics.refusedCounts["HTTP 415"] == 3)
    #expect(statistics.refusedCounts.count == 17)
    #expect(statistics.refusedCounts.values.reduce(0, +) == 23)
  }

  @Test("R3 OpenTelemetry's variables are taken as they are meant")
  func environment() throws {
    func url(_ environment: [String: String]) throws -> String? {
      try TracingConfiguration.openTelemetry(environment)?.spansURL
    }
    let base = "OTEL_EXPORTER_OTLP_ENDPOINT"
    #expect(try url([:]) == nil)
    #expect(try url([base: ""]) == nil)
    #expect(try url([base: "http://c:4318"]) == "http://c:4318/v1/traces")
    #expect(try url([base: "http://c:4318/"]) == "http://c:4318/v1/traces")
    #expect(try url([base: "http://c/otel"]) == "http://c/otel/v1/traces")
    #expect(try url([base: "http://c/v1/traces"]) == "http://c/v1/traces")
    #expect(
      try url([base: "http://c", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t/in"])
        == "http://t/in")
    #expect(try url([base: "http://c", "OTEL_SDK_DISABLED": "true"]) == nil)
    #expect(try url([base: "http://c", "OTEL_TRACES_EXPORTER": "none"]) == nil)
    let read = try TracingConfiguration.openTelemetry([
      base: "http://c", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b, y = 1=2",
      "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_SERVICE_NAME": "chat",
      "OTEL_EXPORTER_OTLP_TIMEOUT": "1500",
    ])
    let configuration = try #require(read)
    #expect(configuration.encoding == .json)
    #expect(configuration.headers.map(\.name) == ["x-key", "y"])
    #expect(configuration.headers.map(\.value.revealed) == ["a b", "1=2"])
    #expect(configuration.labels.serviceName == "chat")
    #expect(configuration.limits.requestTimeout == .milliseconds(1500))
    for (name, value) in [
      ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_HEADERS", "secret"),
      ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "c:4318"),
    ] {
      let error = #expect(throws: LLMConfigurationError.self) {
        try TracingConfiguration.openTelemetry([base: "http://c"].merging([name: value]) { $1 })
      }
      #expect(error?.reason.contains(name) == true)
      #expect(error?.reason.contains("secret") != true)
    }
  }
}
