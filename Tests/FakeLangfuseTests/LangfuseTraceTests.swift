import FakeLangfuse
import RawClient
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("FakeLangfuse takes traces", .timeLimit(.minutes(5)))
struct LangfuseTraceTests {
  private typealias Bench = LangfuseBench

  @Test("A batch in order is answered 200, and every part of a span is stored")
  func stored() async throws {
    let bench = try await LangfuseBench()
    let root = Bench.span(
      attributes: [
        "session.id": #"{"stringValue":"thread-7"}"#, "n": #"{"intValue":"-3"}"#,
        "d": #"{"doubleValue":0.5}"#, "b": #"{"boolValue":true}"#,
        "langfuse.trace.tags": #"{"arrayValue":{"values":[{"stringValue":"cli"}]}}"#,
        "m": #"{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}}"#,
        "langfuse.observation.usage_details": #"{"stringValue":"{\"input\":29}"}"#,
      ])
    let child = Bench.span(
      [
        "spanId": #""eee19b7ec3c1b175""#, "parentSpanId": #""eee19b7ec3c1b174""#,
        "name": #""gemini""#, "kind": "3", "status": #"{"code":2,"message":"429"}"#,
      ])
    let response = try await bench.export(Bench.batch(root, child))
    #expect(response.status == 200, "\(response.text)")
    #expect(response.text.contains("otel-ingestion-job"))
    let spans = try await bench.fake.waitForSpans(2)
    #expect(spans.map(\.name) == ["chat-turn", "gemini"])
    #expect(spans[0].parentSpanID == nil && spans[1].parentSpanID == spans[0].spanID)
    #expect(spans[0].start == 1_795_390_000_123_000_000 && spans[0].end > spans[0].start)
    #expect(spans[0].sessionID == "thread-7")
    #expect(
      spans[0].attributes.filter { ["n", "d", "b", "m"].contains($0.key) }
        == ["n": -3, "d": 0.5, "b": true, "m": ["k": "v"]])
    #expect(spans[0].attributes["langfuse.trace.tags"] == ["cli"])
    #expect(spans[0].json("langfuse.observation.usage_details")?["input"] == 29)
    #expect(spans[1].statusCode == 2 && spans[1].statusMessage == "429" && spans[1].kind == 3)
    #expect(spans[1].resource == ["service.name": "test"] && spans[1].scopeName == "llmkit")
    #expect(bench.fake.traces["5b8efff798038103d269b633813fc60c"]?.count == 2)
  }

  @Test("Nothing to store is 200 too", arguments: ["{}", #"{"resourceSpans":[]}"#])
  func nothing(body: String) async throws {
    let response = try await LangfuseBench().export(body)
    #expect(response.status == 200 && response.text == "{}")
  }

  @Test("Credentials: none, wrong, of another scheme")
  func credentials() async throws {
    let bench = try await LangfuseBench()
    let type = "Content-Type: application/json"
    let missing = try await bench.export("{}", headers: [type])
    #expect(missing.status == 401)
    #expect(try missing.decode(as: Message.self).message == "No authorization header")
    for wrong in [Bench.basic("pk-lf-test", "x"), "Authorization: Bearer sk-lf-test"] {
      let response = try await bench.export("{}", headers: [type, wrong])
      #expect(response.status == 401)
      #expect(
        try response.decode(as: Message.self).message
          == "Invalid credentials. Confirm that you've configured the correct host.")
    }
    #expect(!"\(bench.fake.journal)".contains(Bench.basic().dropFirst(21)))
  }

  @Test("Another method is 405, another path is 404")
  func route() async throws {
    let bench = try await LangfuseBench()
    let method = try await bench.send("GET", Bench.traces, [])
    #expect(method.status == 405)
    #expect(try method.decode(as: Message.self).error == "MethodNotAllowedError")
    #expect(try await bench.send("POST", "/api/public/otel", []).status == 404)
  }

  @Test(
    "What cannot be read is 400 with its reason",
    arguments: [
      ("text/plain", "{}", "Invalid content type"),
      ("application/x-protobuf", "x", "Failed to parse OTel Protobuf Trace"),
      ("application/json", "{", "Failed to parse OTel JSON Trace"),
      ("application/json", "[]", "Failed to parse OTel JSON Trace"),
    ])
  func unreadable(type: String, body: String, reason: String) async throws {
    let response = try await LangfuseBench().export(
      body, headers: [Bench.basic(), "Content-Type: \(type)"])
    #expect(response.status == 400)
    #expect(try response.decode(as: Message.self).error == reason)
  }

  @Test("The version of the interface: 4 and below, nothing else", arguments: ["4", "3", "5", "x"])
  func version(version: String) async throws {
    let response = try await LangfuseBench().export(
      "{}",
      headers: [
        Bench.basic(), "Content-Type: application/json", "x-langfuse-ingestion-version: \(version)",
      ])
    if ["4", "3"].contains(version) {
      #expect(response.status == 200)
    } else {
      #expect(response.status == 400)
      #expect(
        try response.decode(as: Message.self).error
          == "Unsupported x-langfuse-ingestion-version: \"\(version)\". Maximum supported: \"4\".")
    }
  }

  /// A change to one span and the reason it is refused for.
  static let badSpans: [(String, String?, String)] = [
    ("traceId", nil, "traceId:absent"),
    ("traceId", #""W47/95gDgQPSabYzgT/GDA==""#, "traceId:not_an_id"),
    ("traceId", #""5B8EFFF798038103D269B633813FC60C""#, "traceId:not_an_id"),
    ("traceId", #""00000000000000000000000000000000""#, "traceId:not_an_id"),
    ("spanId", "7", "spanId:not_an_id"), ("spanId", #""eee19b7ec3c1b17""#, "spanId:not_an_id"),
    ("parentSpanId", #""x""#, "parentSpanId:not_an_id"), ("name", nil, "name:absent"),
    ("startTimeUnixNano", "1795390000123000000", "startTimeUnixNano:not_a_decimal_string"),
    ("endTimeUnixNano", nil, "endTimeUnixNano:absent"),
    ("endTimeUnixNano", #""1""#, "endTimeUnixNano:before_start"),
    ("kind", #""CLIENT""#, "kind:not_an_enum_value"),
    ("status", #"{"code":3}"#, "status:not_an_enum_value"),
    ("attributes", #"{"a":1}"#, "attributes:not_an_array"),
    ("attributes", #"[{"value":{"stringValue":"a"}}]"#, "attributes:key_absent"),
    ("attributes", #"[{"key":"a"}]"#, "attributes:value_absent"),
    ("attributes", #"[{"key":"a","value":"b"}]"#, "attributes:not_a_value"),
    ("attributes", #"[{"key":"a","value":{"intValue":1}}]"#, "attributes:not_a_value"),
    (
      "attributes",
      #"[{"key":"a","value":{"boolValue":true}},{"key":"a","value":{"boolValue":true}}]"#,
      "attributes:duplicate_key"
    ),
  ]

  @Test("One bad span loses the batch, and the reason is told", arguments: 0..<badSpans.count)
  func badSpan(index: Int) async throws {
    let (name, value, reason) = Self.badSpans[index]
    let bench = try await LangfuseBench()
    let response = try await bench.export(
      Bench.batch(Bench.span(), Bench.span([name: value]), Bench.span()))
    #expect(response.status == 400)
    let error = try response.decode(as: Message.self).error ?? ""
    #expect(
      error.hasPrefix(
        "Invalid OTLP trace export: 1 of 3 span(s) cannot be processed (\(reason))."), "\(error)")
    #expect(bench.fake.spans.isEmpty)
  }

  @Test(
    "A list that is none loses the batch",
    arguments: [
      ("resourceSpans", #"{"resourceSpans":{}}"#),
      ("scopeSpans", #"{"resourceSpans":[{"scopeSpans":{}}]}"#),
      ("spans", #"{"resourceSpans":[{"scopeSpans":[{"spans":{}}]}]}"#),
    ])
  func badList(name: String, body: String) async throws {
    let response = try await LangfuseBench().export(body)
    #expect(response.status == 400)
    #expect(response.text.contains("(\(name):not_an_array)"))
  }

  // MARK: - What is wrong with what was stored

  @Test("A span sent twice, a trace without a root, a span without its parent or its session")
  func assertions() async throws {
    let bench = try await LangfuseBench()
    let session = ["session.id": #"{"stringValue":"s"}"#]
    let child = Bench.span(
      ["spanId": #""00000000000000aa""#, "parentSpanId": #""eee19b7ec3c1b174""#],
      attributes: session)
    _ = try await bench.export(Bench.batch(child))
    #expect(bench.fake.tracesWithoutOneRoot == ["5b8efff798038103d269b633813fc60c"])
    #expect(bench.fake.orphans.map(\.spanID) == ["00000000000000aa"])
    #expect(bench.fake.spansWithoutSession.isEmpty && bench.fake.duplicateSpanIDs.isEmpty)
    _ = try await bench.export(Bench.batch(Bench.span(), child))
    #expect(bench.fake.tracesWithoutOneRoot.isEmpty && bench.fake.orphans.isEmpty)
    #expect(bench.fake.duplicateSpanIDs == ["00000000000000aa"])
    #expect(bench.fake.spansWithoutSession.map(\.name) == ["chat-turn"])
    bench.fake.clear()
    #expect(bench.fake.spans.isEmpty)
  }

  @Test(
    "Attributes that would be dropped in silence are complained of",
    arguments: [
      ("langfuse.observation.type", #"{"stringValue":"llm"}"#, false),
      ("langfuse.observation.type", #"{"stringValue":"generation"}"#, true),
      ("langfuse.observation.level", #"{"stringValue":"warn"}"#, false),
      ("langfuse.observation.usage_details", #"{"stringValue":"29"}"#, false),
      ("langfuse.observation.model.parameters", #"{"kvlistValue":{"values":[]}}"#, false),
      ("langfuse.observation.input", #"{"stringValue":"Bonjour"}"#, false),
      ("langfuse.observation.input", #"{"stringValue":"\"Bonjour\""}"#, true),
      ("langfuse.environment", #"{"stringValue":"Production"}"#, false),
      ("langfuse.environment", #"{"stringValue":"langfuse-x"}"#, false),
      ("langfuse.environment", #"{"stringValue":"production"}"#, true),
      ("langfuse.trace.tags", #"{"stringValue":"cli"}"#, false),
      ("user.id", #"{"stringValue":"rené"}"#, false),
      ("langfuse.trace.metadata.a", #"{"intValue":"1"}"#, false),
      ("langfuse.observation.completion_start_time", #"{"stringValue":"now"}"#, false),
      (
        "langfuse.observation.completion_start_time",
        #"{"stringValue":"2026-11-22T10:00:00.640Z"}"#, true
      ),
      ("langfuse.observation.modelname", #"{"stringValue":"x"}"#, false),
      ("gen_ai.request.model", #"{"stringValue":"x"}"#, true),
    ])
  func complaints(name: String, value: String, isRight: Bool) async throws {
    let bench = try await LangfuseBench()
    let response = try await bench.export(Bench.batch(Bench.span(attributes: [name: value])))
    #expect(response.status == 200)
    #expect(bench.fake.complaints.isEmpty == isRight)
    #expect(bench.fake.complaints.allSatisfy { $0.hasPrefix("chat-turn: \(name) is ") })
  }

  // MARK: - gzip

  /// `printf '{"resourceSpans":[…' | gzip -9`, from bodies that use each kind of block.
  @Test("A gzipped body is read, whatever kind of block it uses", arguments: [0, 1, 2])
  func gzip(index: Int) async throws {
    let bench = try await LangfuseBench()
    let data = try #require(Data(base64Encoded: GzipSamples.all[index]))
    let headers = [Bench.basic(), "Content-Type: application/json", "Content-Encoding: gzip"]
    let response = try await bench.send("POST", Bench.traces, Array(data), headers: headers)
    #expect(response.status == 200, "\(response.text)")
    #expect(bench.fake.spans.count == GzipSamples.spanCounts[index])
  }

  @Test("A body that is no gzip, is cut or was changed cannot be decompressed")
  func badGzip() async throws {
    let bench = try await LangfuseBench()
    let data = Array(try #require(Data(base64Encoded: GzipSamples.all[2])))
    var changed = data
    changed[data.count - 6] ^= 1
    for body in [Array("{}".utf8), Array(data.dropLast(12)), changed] {
      let response = try await bench.send(
        "POST", Bench.traces, body,
        headers: [Bench.basic(), "Content-Type: application/json", "Content-Encoding: gzip"])
      #expect(response.status == 400)
      #expect(
        try response.decode(as: Message.self).error == "Failed to decompress request body")
    }
  }
}
