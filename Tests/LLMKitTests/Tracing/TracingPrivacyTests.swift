import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("What traces tell, and to whom", .timeLimit(.minutes(5)))
struct TracingPrivacyTests {
  private static let models = [ScriptedModel("m", ScriptedResponder(saying: "answer-text"))]

  private func trace(
    _ configure: (inout TracingConfiguration) throws -> Void
  ) async throws -> [TraceServer.Request] {
    let bench = try TraceBench(Self.models[0], configure: configure)
    let turn = try await bench.ask("question-text")
    bench.tracer.record(
      TraceScore(
        feedback: "fb", on: turn.answer.id, in: bench.conversation, isUp: true,
        comment: "comment-text"))
    _ = await bench.spans()
    #expect(bench.tracer.statistics.sentCount == 4)
    return bench.server.requests
  }

  @Test("What was said can be left out")
  func withoutContent() async throws {
    let requests = try await trace { $0.includesContent = false }
    #expect(requests.count == 2)
    for request in requests {
      let text = try #require(request.body).jsonText
      #expect(!text.contains("-text"))
      #expect(!text.contains("observation.input"))
      #expect(!text.contains("observation.output"))
    }
    #expect(requests[0].spans.count == 3)
  }

  @Test("A hook takes out of every text what is nobody's business, before it is kept")
  func redaction() async throws {
    let requests = try await trace { $0.redact = { $0.replacing("text", with: "***") } }
    let texts = try requests.map { try #require($0.body).jsonText }
    for text in texts { #expect(!text.contains("-text")) }
    #expect(texts[0].contains("question-***"))
    #expect(texts[0].contains("answer-***"))
    #expect(texts[1].contains("comment-***"))
  }

  @Test("A text is hidden before it is cut, and cut between characters")
  func cutting() async throws {
    let bench = try TraceBench(
      ScriptedModel("m", ScriptedResponder(saying: "ééé")),
      configure: { configuration in
        configuration.limits.contentByteCountMax = 5
        configuration.redact = { $0.replacing("secret", with: "***") }
      })
    try await bench.ask("ab secret")
    try await bench.ask("xyz")
    let spans = await bench.spans()
    let roots = spans.filter { $0.name == "chat-turn" }
    #expect(roots[0]["langfuse.observation.input"] == #""ab **…""#)
    #expect(roots[0]["langfuse.observation.output"] == #""éé…""#)
    let asked = spans.filter { $0.name == "generation" }[1]
    #expect(
      asked["langfuse.observation.input"]
        == #"[{"content":"é…","role":"assistant"},{"content":"xyz","role":"user"}]"#)
  }

  @Test("R3: tracing is off unless both keys are set")
  func off() throws {
    let key = Secret("sk")
    #expect(try TracingConfiguration.langfuse(publicKey: nil, secretKey: key) == nil)
    #expect(try TracingConfiguration.langfuse(publicKey: "pk", secretKey: nil) == nil)
    #expect(try TracingConfiguration.langfuse(publicKey: "", secretKey: key) == nil)
    #expect(try TracingConfiguration.langfuse(publicKey: "pk", secretKey: Secret("")) == nil)
    let configuration = try #require(
      try TracingConfiguration.langfuse(publicKey: "pk", secretKey: key, host: ""))
    #expect(
      configuration.spansURL == "https://cloud.langfuse.com/api/public/otel/v1/traces")
    let own = try TracingConfiguration.langfuse(
      publicKey: "pk", secretKey: key, host: "http://localhost:3000/")
    #expect(own?.spansURL == "http://localhost:3000/api/public/otel/v1/traces")
  }

  @Test(
    "A setting that cannot be used is an error that names it and shows no key",
    arguments: [
      ("p k", "sk-1", "https://x"), ("p:k", "sk-1", "https://x"), ("pk", "sk-1\n", "https://x"),
      ("pk", "sk-1", "langfuse.example"), ("pk", "sk-1", "https://"),
      ("pk", "sk-1", "https://sk-1@host"),
    ])
  func badSettings(publicKey: String, secretKey: String, host: String) {
    #expect {
      try TracingConfiguration(
        langfusePublicKey: publicKey, secretKey: Secret(secretKey), host: host)
    } throws: { error in
      error is LLMConfigurationError && "\(error)".contains("Langfuse")
        && !"\(error)".contains("sk-1")
    }
  }

  @Test("A header that would be two lines is an error")
  func badHeader() {
    for headers in [["a": Secret("b\r\nc: d")], ["a: b": Secret("c")], ["": Secret("c")]] {
      #expect(throws: LLMConfigurationError.self) {
        try TracingConfiguration(openTelemetryURL: "http://x/v1/traces", headers: headers)
      }
    }
  }

  @Test("A configuration prints no key")
  func printing() throws {
    let configuration = try TracingConfiguration(
      langfusePublicKey: "pk-lf-1", secretKey: Secret("sk-lf-1"))
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped] {
      #expect(!text.contains("sk-lf-1"))
      // The two keys in base64, as they travel.
      #expect(!text.contains("cGstbGYtMTpzay1sZi0x"))
    }
  }
}
