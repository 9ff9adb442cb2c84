import SessionCore
import Testing

@testable import LLMKit

@Suite("Names of models")
struct ModelNameTests {
  private static let gemini = ModelName.Configuration(hasGemini: true, openAIBaseURL: nil)
  private static let local = ModelName.Configuration(
    hasGemini: false, openAIBaseURL: "http://localhost:11434/v1")
  private static let both = ModelName.Configuration(
    hasGemini: true, openAIBaseURL: "http://192.168.1.5:8080/v1")
  private static let publicToo = ModelName.Configuration(
    hasGemini: true, openAIBaseURL: "https://api.openai.com/v1")

  @Test(
    "R5 Who is asked is what is named, then what is configured, and never past a local address",
    arguments: [
      ("openai:gemma3:4b", gemini, "openai:gemma3:4b"), ("gemma3:4b", local, "openai:gemma3:4b"),
      ("gemma3:4b", both, "openai:gemma3:4b"), ("gemma3:4b", publicToo, "openai:gemma3:4b"),
      ("gemini-2.5-flash", local, "openai:gemini-2.5-flash"),
      ("gemini-2.5-flash", both, "openai:gemini-2.5-flash"),
      ("gemini-2.5-flash", publicToo, "gemini:gemini-2.5-flash"),
      ("gemini:gemini-2.5-flash", both, "gemini:gemini-2.5-flash"),
      ("Gemini:models/gemini-2.5-flash", both, "gemini:gemini-2.5-flash"),
      ("gpt-4o", gemini, "gemini:gpt-4o"), ("gpt-4o", publicToo, "openai:gpt-4o"),
      ("gemma-3-27b-it", publicToo, "gemini:gemma-3-27b-it"),
      ("openai/gpt-4o:free", publicToo, "openai:openai/gpt-4o:free"),
    ])
  func whoIsAsked(text: String, configuration: ModelName.Configuration, name: String) throws {
    #expect(try ModelName.resolve(text, with: configuration).description == name)
  }

  @Test("A name without a model is refused", arguments: ["", "openai:", "gemini:", "a b", "x\n"])
  func refused(text: String) {
    #expect(throws: LLMConfigurationError.self) {
      try ModelName.resolve(text, with: Self.both)
    }
  }

  @Test(
    "Addresses of this machine and of its network are local",
    arguments: [
      ("http://localhost:1/v1", true), ("http://127.0.0.1/v1", true), ("http://[::1]:8080", true),
      ("http://10.0.0.1", true), ("http://172.16.0.1", true), ("http://172.32.0.1", false),
      ("http://ollama:11434/v1", true), ("https://nas.local/v1", true),
      ("https://api.openai.com/v1", false), ("https://1.2.3.4/v1", false),
    ])
  func addresses(address: String, isLocal: Bool) throws {
    let name = try ModelName.resolve(
      "gemini-x", with: ModelName.Configuration(hasGemini: true, openAIBaseURL: address))
    #expect((name.service == .openai) == isLocal)
  }

  @Test("R5 The default names live, and what a service lists replaces them all")
  func defaultNames() async throws {
    #expect(GeminiModel.defaultNames.first == "gemini-3.5-flash-lite")
    #expect(GeminiModel.defaultNames.contains("gemini-flash-latest"))
    #expect(!GeminiModel.defaultNames.contains { $0.contains("2.5") })
  }

  @Test("R5 Of what a service lists, those that talk are asked: finished, cheap and new ones first")
  func fallbacks() {
    let methods: JSONValue = ["generateContent"]
    let names = [
      "models/gemini-2.5-pro", "models/gemini-3.5-flash", "models/gemini-4.0-flash-lite-preview",
      "models/gemini-3.5-flash-lite", "models/gemini-3.6-flash-lite",
      "models/gemini-2.5-flash-image",
      "models/gemini-embedding-001", "models/gemma-3-27b-it",
    ]
    let models = names.compactMap {
      GeminiModel(["name": .string($0), "supportedGenerationMethods": methods])
    }
    let silent = GeminiModel(["name": "models/gemini-9-flash", "supportedGenerationMethods": []])
    #expect(
      GeminiModel.fallbacks(among: models + [silent].compactMap { $0 }) == [
        "gemini-3.6-flash-lite", "gemini-3.5-flash-lite", "gemini-3.5-flash", "gemini-2.5-pro",
        "gemini-4.0-flash-lite-preview",
      ])
  }
}
