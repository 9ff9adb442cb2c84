import LLMKit
import SessionCore
import Testing

@Suite("OTLP in JSON")
struct OTLPExportTests {
  private static let question = MessageID("0198a0b1-7c00-7000-8000-000000000001")
  private static let started = Timestamp(milliseconds: 1_795_390_000_123)

  private static func context() throws -> TraceContext {
    TraceContext(
      id: TraceID(question: try #require(question)), name: "chat-turn", user: "u-42",
      session: "thread-7", tags: ["cli"])
  }

  private static func labels() throws -> TraceLabels {
    var labels = TraceLabels()
    labels.serviceName = "chat-cli"
    labels.serviceVersion = "1.0.0"
    try labels.setEnvironment("production")
    return labels
  }

  @Test("A question to a model is written to the letter of the reference")
  func generation() throws {
    var span = TraceSpan(
      "gemini.generate", of: try Self.context(), id: SpanID(seed: "child"),
      parent: SpanID(seed: "root"), from: Self.started,
      to: Timestamp(milliseconds: 1_795_390_001_456), metadata: ["attempt": "1"])
    span.input = .messages([.init(role: .user, content: "Bonjour")])
    span.output = .message(.init(role: .assistant, content: "Bonjour !"))
    var generation = TraceGeneration(
      requestedModel: "gemini-flash-latest", provider: "gcp.gemini",
      parameters: ["temperature": 0.7, "maxOutputTokens": 2048])
    generation.model = "gemini-2.5-flash"
    generation.usage = TokenUsage(
      promptTokenCount: 29, answerTokenCount: 15, thoughtTokenCount: 45, totalTokenCount: 89)
    generation.finishReason = "STOP"
    generation.firstTextAt = Timestamp(milliseconds: 1_795_390_000_640)
    span.generation = generation
    let expected = #"""
      {"resourceSpans":[{
        "resource":{"attributes":[
          {"key":"service.name","value":{"stringValue":"chat-cli"}},
          {"key":"service.version","value":{"stringValue":"1.0.0"}},
          {"key":"deployment.environment.name","value":{"stringValue":"production"}}]},
        "scopeSpans":[{"scope":{"name":"llmkit","version":"\#(PackageVersion.current)"},"spans":[{
          "traceId":"TRACE","spanId":"CHILD","parentSpanId":"ROOT",
          "name":"gemini.generate","kind":3,
          "startTimeUnixNano":"1795390000123000000","endTimeUnixNano":"1795390001456000000",
          "attributes":[
            {"key":"langfuse.trace.name","value":{"stringValue":"chat-turn"}},
            {"key":"user.id","value":{"stringValue":"u-42"}},
            {"key":"session.id","value":{"stringValue":"thread-7"}},
            {"key":"gen_ai.conversation.id","value":{"stringValue":"thread-7"}},
            {"key":"langfuse.trace.tags","value":{"arrayValue":{"values":[{"stringValue":"cli"}]}}},
            {"key":"langfuse.environment","value":{"stringValue":"production"}},
            {"key":"langfuse.observation.type","value":{"stringValue":"generation"}},
            {"key":"langfuse.observation.level","value":{"stringValue":"DEFAULT"}},
            {"key":"langfuse.observation.input",
             "value":{"stringValue":"[{\"content\":\"Bonjour\",\"role\":\"user\"}]"}},
            {"key":"langfuse.observation.output",
             "value":{"stringValue":"{\"content\":\"Bonjour !\",\"role\":\"assistant\"}"}},
            {"key":"gen_ai.input.messages","value":{"stringValue":
             "[{\"parts\":[{\"content\":\"Bonjour\",\"type\":\"text\"}],\"role\":\"user\"}]"}},
            {"key":"gen_ai.output.messages","value":{"stringValue":
             "[{\"finish_reason\":\"STOP\",\"parts\":[{\"content\":\"Bonjour !\",\"type\":\"text\"}],\"role\":\"assistant\"}]"}},
            {"key":"langfuse.observation.metadata.attempt","value":{"stringValue":"1"}},
            {"key":"langfuse.observation.model.name","value":{"stringValue":"gemini-2.5-flash"}},
            {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
            {"key":"gen_ai.request.model","value":{"stringValue":"gemini-flash-latest"}},
            {"key":"langfuse.observation.model.parameters",
             "value":{"stringValue":"{\"maxOutputTokens\":2048,\"temperature\":0.7}"}},
            {"key":"gen_ai.provider.name","value":{"stringValue":"gcp.gemini"}},
            {"key":"gen_ai.response.model","value":{"stringValue":"gemini-2.5-flash"}},
            {"key":"gen_ai.response.finish_reasons",
             "value":{"arrayValue":{"values":[{"stringValue":"STOP"}]}}},
            {"key":"langfuse.observation.usage_details","value":{"stringValue":
             "{\"input\":29,\"output\":15,\"output_reasoning_tokens\":45,\"total\":89}"}},
            {"key":"gen_ai.usage.input_tokens","value":{"intValue":"29"}},
            {"key":"gen_ai.usage.output_tokens","value":{"intValue":"60"}},
            {"key":"gen_ai.usage.reasoning.output_tokens","value":{"intValue":"45"}},
            {"key":"langfuse.observation.completion_start_time",
             "value":{"stringValue":"2026-11-22T23:26:40.640Z"}}],
          "status":{"code":1}}]}]}]}
      """#
      .replacing("TRACE", with: span.trace.id.description)
      .replacing("CHILD", with: SpanID(seed: "child").description)
      .replacing("ROOT", with: SpanID(seed: "root").description)
    let body = OTLPExport.body([span], labels: try Self.labels())
    #expect(try JSONValue(parsing: body) == JSONValue(parsing: Array(expected.utf8)))
  }

  @Test("A root has no parent, work inside the process is of kind 1, an error says why")
  func root() throws {
    var span = TraceSpan(
      "chat-turn", of: try Self.context(), id: SpanID(seed: "root"), parent: nil,
      from: Self.started, to: Self.started, status: .error, level: .error)
    span.statusMessage = "429 RESOURCE_EXHAUSTED PerDay"
    span.errorType = "quotaExhausted"
    let json = try Self.span(span)
    #expect(json["parentSpanId"] == nil)
    #expect(json["kind"] == 1)
    #expect(json["status"] == ["code": 2, "message": "429 RESOURCE_EXHAUSTED PerDay"])
    let attributes = Self.attributes(json)
    #expect(attributes["langfuse.observation.level"] == "ERROR")
    #expect(attributes["langfuse.observation.status_message"] == "429 RESOURCE_EXHAUSTED PerDay")
    #expect(attributes["error.type"] == "quotaExhausted")
    #expect(attributes["langfuse.observation.type"] == "span")
  }

  @Test("Token counts do not overlap, for Langfuse adds them up; OpenTelemetry's hold their parts")
  func usage() throws {
    var span = TraceSpan(
      "x", of: try Self.context(), id: SpanID(seed: "x"), parent: nil, from: Self.started,
      to: Self.started)
    span.generation = TraceGeneration(requestedModel: "m")
    span.generation?.usage = TokenUsage(
      promptTokenCount: 100, answerTokenCount: 20, thoughtTokenCount: 5, totalTokenCount: 125,
      cachedTokenCount: 60)
    let json = try Self.span(span)
    let details = try #require(Self.attributes(json)["langfuse.observation.usage_details"])
    #expect(
      try JSONValue(parsing: Array(details.utf8)) == [
        "input": 40, "input_cached_tokens": 60, "output": 20, "output_reasoning_tokens": 5,
        "total": 125,
      ])
    let counts = (json["attributes"]?.elements ?? []).compactMap { attribute -> String? in
      attribute["value"]?["intValue"].flatMap {
        "\(attribute["key"]?.text ?? ""): \($0.text ?? "")"
      }
    }
    #expect(
      counts == [
        "gen_ai.usage.input_tokens: 100", "gen_ai.usage.output_tokens: 25",
        "gen_ai.usage.cache_read.input_tokens: 60", "gen_ai.usage.reasoning.output_tokens: 5",
      ])
  }

  @Test("A span never ends before it begins, and no clock makes its times overflow")
  func times() throws {
    let spans = [
      (Timestamp(milliseconds: 5), Timestamp(milliseconds: 3), "5000000", "5000000"),
      (Timestamp(milliseconds: -7), Timestamp(milliseconds: 1), "0", "1000000"),
      (
        Timestamp(milliseconds: .max), Timestamp(milliseconds: .max),
        "9223372036854775807000000", "9223372036854775807000000"
      ),
    ]
    for (from, to, start, end) in spans {
      let json = try Self.span(
        TraceSpan(
          "x", of: try Self.context(), id: SpanID(seed: "x"), parent: nil, from: from, to: to))
      #expect(json["startTimeUnixNano"]?.text == start)
      #expect(json["endTimeUnixNano"]?.text == end)
    }
  }

  @Test("Names stay ASCII, within 200 characters, and different")
  func names() throws {
    func user(_ name: String) throws -> String {
      var context = try Self.context()
      context.user = name
      let span = TraceSpan(
        "x", of: context, id: SpanID(seed: "x"), parent: nil, from: Self.started, to: Self.started)
      return try #require(Self.attributes(Self.span(span))["user.id"])
    }
    #expect(try user("Awa Ndiaye") == "Awa Ndiaye")
    #expect(try user("rené") == "ren%C3%A9")
    #expect(try user("ren%C3%A9") == "ren%25C3%25A9")
    let long = try user(String(repeating: "é", count: 255))
    let longer = try user(String(repeating: "é", count: 254) + "e")
    #expect(long != longer)
    for name in [long, longer] {
      #expect(name.utf8.count == 200)
      #expect(name.utf8.allSatisfy { $0 < 0x7F })
    }
  }

  @Test(
    "An environment that Langfuse would not take is an error",
    arguments: ["", "Production", "langfuse-x", "a b", String(repeating: "a", count: 41)])
  func environments(name: String) {
    var labels = TraceLabels()
    #expect(throws: LLMConfigurationError.self) { try labels.setEnvironment(name) }
    #expect(labels.environment == nil)
  }

  private static func span(_ span: TraceSpan) throws -> JSONValue {
    let document = try JSONValue(parsing: OTLPExport.body([span], labels: labels()))
    let scope = document["resourceSpans"]?.elements?.first?["scopeSpans"]?.elements?.first
    return try #require(scope?["spans"]?.elements?.first)
  }

  private static func attributes(_ span: JSONValue) -> [String: String] {
    var attributes: [String: String] = [:]
    for attribute in span["attributes"]?.elements ?? [] {
      guard let key = attribute["key"]?.text else { continue }
      attributes[key] = attribute["value"]?["stringValue"]?.text
    }
    return attributes
  }
}
