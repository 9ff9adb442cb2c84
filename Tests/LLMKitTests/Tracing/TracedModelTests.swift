import FakeGemini
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("Traces of models", .timeLimit(.minutes(5)))
struct TracedModelTests {
  @Test("The model that really answered, its settings, usage and refusals stand in the trace")
  func chain() async throws {
    let time = ManualTime()
    let fake = try await FakeGemini(time: time)
    fake.enqueue(.quotaDay, for: "gemini-3.5-flash")
    fake.enqueue(.rerouted, for: "gemini-2.5-flash")
    var configuration = try GeminiConfiguration(
      apiKey: Secret("test-key"), baseURL: fake.baseURL)
    configuration.options.temperature = 0.5
    configuration.options.outputTokenCountMax = 2048
    configuration.options.thinking = .low
    let models = ["gemini-3.5-flash", "gemini-2.5-flash"].map {
      GeminiResponder(model: $0, configuration: configuration, time: time)
    }
    let bench = try TraceBench(models[0], models[1], time: time)
    let turn = try await bench.ask("Bonjour")
    let generations = await bench.spans().filter { $0.name == "generation" }
    #expect(generations.count == 2)
    let (refused, answered) = (try #require(generations.first), try #require(generations.last))
    let message = try #require(refused["langfuse.observation.status_message"])
    #expect(message.hasPrefix("429 RESOURCE_EXHAUSTED PerDay"))
    #expect(refused["error.type"] == "quotaExhausted")
    // The settings that this family ignores were not sent.
    #expect(
      refused["langfuse.observation.model.parameters"]
        == #"{"maxOutputTokens":2048,"thinkingConfig":{"thinkingLevel":"low"}}"#)
    #expect(answered["gen_ai.provider.name"] == "gcp.gemini")
    #expect(answered["server.address"] == "127.0.0.1")
    #expect(answered["gen_ai.request.model"] == "gemini-2.5-flash")
    #expect(answered["gen_ai.response.model"] == "gemini-3.5-flash-lite")
    #expect(answered["langfuse.observation.model.name"] == "gemini-3.5-flash-lite")
    let parameters = try #require(answered["langfuse.observation.model.parameters"])
    #expect(parameters.hasPrefix(#"{"maxOutputTokens":2048,"temperature":0.5,"thinkingConfig""#))
    let usage = try #require(turn.answer.answer?.usage)
    #expect(
      answered["langfuse.observation.usage_details"]
        == "{\"input\":\(usage.promptTokenCount),\"output\":\(usage.answerTokenCount),"
        + "\"output_reasoning_tokens\":\(usage.thoughtTokenCount),"
        + "\"total\":\(usage.totalTokenCount)}")
    await fake.close()
  }

  @Test(
    "A service that speaks OpenAI's interface shows with its settings and its host",
    arguments: [("http://127.0.0.1:1/v1", "127.0.0.1"), ("http://[::1]:1/v1", "::1")])
  func compatible(url: String, host: String) async throws {
    var configuration = try OpenAIConfiguration(apiKey: Secret("sk-secret"), baseURL: url)
    configuration.options.temperature = 0.5
    configuration.options.outputTokenCountMax = 100
    let bench = try TraceBench(OpenAIResponder(model: "qwen3", configuration: configuration))
    try await bench.ask("Bonjour")
    let span = try #require(await bench.spans().first { $0.name == "generation" })
    #expect(span["gen_ai.provider.name"] == "openai")
    #expect(span["server.address"] == host)
    #expect(span["gen_ai.request.model"] == "qwen3")
    #expect(
      span["langfuse.observation.model.parameters"] == #"{"max_tokens":100,"temperature":0.5}"#)
    #expect(span["error.type"] == "unreachable")
  }

  @Test("The key of a model never reaches the tracing server")
  func keys() async throws {
    let fake = try await FakeGemini(keys: ["another"])
    let bench = try TraceBench(
      GeminiResponder(
        model: "gemini-2.5-flash",
        configuration: try GeminiConfiguration(
          apiKey: Secret("AIza-secret"), baseURL: fake.baseURL)))
    try await bench.ask("Bonjour")
    let spans = await bench.spans()
    #expect(spans.count == 4)
    for request in bench.server.requests {
      #expect(request.body?.jsonText.contains("AIza-secret") == false)
    }
    await fake.close()
  }
}
