public import SessionCore

/// How the Gemini service is reached, and how its models are to answer.
public struct GeminiConfiguration: Sendable {
  /// The key; it travels in a header alone.
  public let apiKey: Secret
  /// Where the service is.
  public var baseURL: String { url.text }
  /// How long the service is waited for.
  public var deadlines = HTTPDeadlines()
  /// A PEM file of certificates to trust in place of the system's.
  public var certificateAuthorityFile: String?
  /// How the models are to answer.
  public var options = GeminiOptions()
  /// What the models may call: see ``declare(_:)``.
  public private(set) var tools: [Tool] = []
  /// How tools are called.
  public var toolLimits = ToolLimits()

  let url: ServiceURL
  /// The tools as the service is told of them.
  private(set) var declarations: [JSONValue] = []

  /// - Throws: When the key is empty or holds what no header can, or `baseURL` is not an address.
  public init(
    apiKey: Secret, baseURL: String = "https://generativelanguage.googleapis.com"
  ) throws(LLMConfigurationError) {
    let key = apiKey.revealed
    guard !key.isEmpty, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw LLMConfigurationError(
        reason: "the Gemini key is empty or holds characters that no key has")
    }
    self.apiKey = apiKey
    url = try ServiceURL(baseURL, name: "the Gemini address")
  }

  /// Lets the models call `tools`, and no others.
  ///
  /// Gemini knows a part of JSON Schema. `$ref` within a schema, `oneOf`, `const` and lists of
  /// types are put in its words; formats and values that it cannot be told stand in the
  /// description.
  ///
  /// - Throws: When two tools have one name, a name is none, or a schema says what would be lost:
  ///   it contains itself, or uses `allOf` with several schemas, `not`, `if` and their like.
  public mutating func declare(_ tools: [Tool]) throws(LLMConfigurationError) {
    declarations = try Self.declarations(of: tools)
    self.tools = tools
  }

  /// The tools as the service is told of them.
  static func declarations(of tools: [Tool]) throws(LLMConfigurationError) -> [JSONValue] {
    var declarations: [JSONValue] = []
    var names: Set<String> = []
    for tool in tools {
      guard names.insert(tool.name).inserted else {
        throw LLMConfigurationError(reason: "two tools are named '\(tool.name)'")
      }
      declarations.append(try GeminiSchema.declaration(of: tool))
    }
    return declarations
  }
}

/// How a model is to answer. What is nil is left to the model. What a model's family does not know,
/// or takes for an error, is not sent to it.
public struct GeminiOptions: Sendable, Hashable {
  /// How much a model thinks before it answers.
  public enum Thinking: Sendable, Hashable, CaseIterable {
    /// Not at all, or as little as the model can.
    case least
    /// A little.
    case low
    /// Some.
    case medium
    /// As much as the model can.
    case high
  }

  /// When a harmful text is held back.
  public enum SafetyThreshold: String, Sendable, Hashable, CaseIterable {
    /// Also when it is hardly harmful.
    case blockLowAndAbove = "BLOCK_LOW_AND_ABOVE"
    /// When it is somewhat harmful.
    case blockMediumAndAbove = "BLOCK_MEDIUM_AND_ABOVE"
    /// When it is very harmful.
    case blockOnlyHigh = "BLOCK_ONLY_HIGH"
    /// Never.
    case blockNone = "BLOCK_NONE"
    /// Never, and it is not looked for.
    case off = "OFF"
  }

  /// What a text may be harmful by.
  public enum SafetyCategory: String, Sendable, Hashable, CaseIterable {
    /// Harassment.
    case harassment = "HARM_CATEGORY_HARASSMENT"
    /// Hate speech.
    case hateSpeech = "HARM_CATEGORY_HATE_SPEECH"
    /// Sexual content.
    case sexuallyExplicit = "HARM_CATEGORY_SEXUALLY_EXPLICIT"
    /// Dangerous content.
    case dangerousContent = "HARM_CATEGORY_DANGEROUS_CONTENT"
  }

  /// 0 to 2; only the 2.5 family follows it.
  public var temperature: Double?
  /// 0 to 1; only the 2.5 family follows it.
  public var topP: Double?
  /// Only the 2.5 family follows it.
  public var topK: Int?
  /// Tokens of thoughts and answer together.
  public var outputTokenCountMax: Int?
  /// At most five texts that end an answer.
  public var stopSequences: [String] = []
  /// Makes answers repeatable, as far as the model can.
  public var seed: Int32?
  /// How much to think.
  public var thinking: Thinking?
  /// When to hold back what.
  public var safety: [SafetyCategory: SafetyThreshold] = [:]

  /// Everything is left to the model.
  public init() {}
}
