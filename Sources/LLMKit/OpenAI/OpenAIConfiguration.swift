public import SessionCore

/// How a service that speaks OpenAI's chat interface is reached: OpenAI itself, xAI, Ollama,
/// llama.cpp, vLLM and others, told apart by the address alone.
public struct OpenAIConfiguration: Sendable {
  /// The key; it travels in a header alone. Nil for a server that wants none.
  public let apiKey: Secret?
  /// Where the service is, version included: `https://api.openai.com/v1`,
  /// `http://localhost:11434/v1`.
  public var baseURL: String { url.text }
  /// How long the service is waited for.
  public var deadlines = HTTPDeadlines()
  /// A PEM file of certificates to trust in place of the system's.
  public var certificateAuthorityFile: String?
  /// How the models are to answer.
  public var options = OpenAIOptions()
  /// What the models may call.
  public var tools: [Tool] = []
  /// How tools are called.
  public var toolLimits = ToolLimits()

  let url: ServiceURL

  /// - Throws: When the key holds what no header can, or `baseURL` is not an address.
  public init(
    apiKey: Secret?, baseURL: String = "https://api.openai.com/v1"
  ) throws(LLMConfigurationError) {
    if let key = apiKey?.revealed {
      guard !key.isEmpty, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        throw LLMConfigurationError(
          reason: "the OpenAI key is empty or holds characters that no key has")
      }
    }
    self.apiKey = apiKey
    url = try ServiceURL(baseURL, name: "the OpenAI address")
  }
}

/// How a model is to answer. What is nil is left to the model and not sent.
public struct OpenAIOptions: Sendable, Hashable {
  /// 0 to 2; models that reason refuse it.
  public var temperature: Double?
  /// 0 to 1; models that reason refuse it.
  public var topP: Double?
  /// Tokens of reasoning and answer together.
  public var outputTokenCountMax: Int?
  /// At most four texts that end an answer.
  public var stopSequences: [String] = []
  /// Makes answers repeatable, as far as the model can.
  public var seed: Int?
  /// `low`, `medium`, `high` …, for models that reason.
  public var reasoningEffort: String?

  /// Everything is left to the model.
  public init() {}
}
