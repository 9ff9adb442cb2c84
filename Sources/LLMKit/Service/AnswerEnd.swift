import SessionCore

/// What a service's word for the end of an answer means.
enum AnswerEnd: Sendable, Hashable {
  /// The model has said what it had to say.
  case complete
  /// The answer reached a limit of its length: what there is of it is true, but not all.
  case cutByLength
  /// The model waits for the results of tools.
  case toolCalls
  /// A filter held the answer, or the rest of it, back.
  case blocked
  /// The service could not go on; another try may do better.
  case failed
  /// What the model made is of no use.
  case unusable
  /// A word that is not known, or an empty one: no success.
  case unknown
}

extension AnswerEnd {
  /// Gemini's `finishReason`, whatever its capitals.
  ///
  /// Source: the enumeration `FinishReason` of the reference of `generateContent`
  /// (https://ai.google.dev/api/generate-content), and for the newest words the discovery document
  /// of `generativelanguage` v1beta. `OTHER` and `FINISH_REASON_UNSPECIFIED` say of themselves that
  /// nobody knows, so they are left to ``unknown``.
  init(gemini word: String) {
    self =
      switch word.uppercased() {
      case "STOP": .complete
      case "MAX_TOKENS": .cutByLength
      case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
        "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR":
        .blocked
      case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
        "MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE", "NO_IMAGE", "IMAGE_OTHER":
        .unusable
      default: .unknown
      }
  }

  /// The `finish_reason` of services that speak OpenAI's chat interface, whatever its capitals.
  ///
  /// Sources, beside each word where OpenAI's own reference has it not: `stop`, `length`,
  /// `content_filter`, `tool_calls`, `function_call` are OpenAI's
  /// (https://platform.openai.com/docs/api-reference/chat/streaming). Proxies pass on the words of
  /// the model behind them, so those of Gemini and of Anthropic count too.
  init(openAI word: String) {
    self =
      switch word.lowercased() {
      case "stop",
        "eos", "eos_token",  // Together, and Hugging Face's text-generation-inference
        "stop_sequence", "end_turn":  // Anthropic; the first is text-generation-inference's too
        .complete
      case "length",
        "model_length",  // Mistral: the model's own limit
        "max_tokens", "max_output_tokens",  // Anthropic, Gemini, OpenAI's other interface
        "model_context_window_exceeded":  // Anthropic
        .cutByLength
      case "tool_calls", "function_call", "tool_use":  // the last is Anthropic's
        .toolCalls
      case "content_filter", "content_filtered",  // the second is Bedrock's
        "sensitive",  // Zhipu
        "refusal",  // Anthropic
        "guardrail_intervened",  // Bedrock
        "safety", "recitation", "language", "blocklist", "prohibited_content", "spii":  // Gemini
        .blocked
      case "error",  // OpenRouter, Mistral, vLLM
        "network_error",  // Zhipu
        "insufficient_system_resource",  // DeepSeek
        "abort",  // vLLM, which sends [DONE] after it (vllm-project/vllm#57082)
        "cancelled":
        .failed
      case "malformed_function_call", "unexpected_tool_call", "too_many_tool_calls":  // Gemini
        .unusable
      default: .unknown
      }
  }

  /// Whether a later word may take the place of this one: a good word never does away with a bad
  /// one.
  func yields(to later: AnswerEnd) -> Bool { isGood || !later.isGood }

  private var isGood: Bool { self == .complete || self == .toolCalls }

  /// What an answer that ended so amounts to.
  ///
  /// - Parameters:
  ///   - word: The service's own word.
  ///   - hasText: Whether any text came.
  ///   - calls: The calls of tools that came.
  /// - Returns: How the answer is to be stored.
  /// - Throws: `ResponderError` when it is no answer.
  func state(
    word: String, hasText: Bool, calls: [ToolCall]
  ) throws(ResponderError) -> AnswerState {
    let shown = word.prefix(60)
    switch self {
    case .blocked:
      throw ResponderError(code: .blocked, reason: "the service held the answer back (\(shown))")
    case .failed:
      throw ResponderError(
        code: .overloaded, reason: "the service broke the answer off (\(shown))")
    case .unusable:
      throw ResponderError(
        code: .malformedResponse, reason: "the model's answer is of no use (\(shown))")
    case .unknown:
      throw ResponderError(
        code: .malformedResponse,
        reason: "the answer ended with a word that is not known (\(shown))")
    case .complete, .toolCalls:
      guard hasText || !calls.isEmpty else {
        throw ResponderError(
          code: .malformedResponse, reason: "the model gave no text (\(shown))")
      }
      guard self == .complete || !calls.isEmpty else {
        throw ResponderError(
          code: .malformedResponse, reason: "the calls of tools that were announced did not come")
      }
      return .complete
    case .cutByLength:
      guard hasText || !calls.isEmpty else {
        throw ResponderError(
          code: .outOfTokens, reason: "thinking used all the tokens that the answer may have")
      }
      guard calls.allSatisfy(\.hasWholeArguments) else {
        throw ResponderError(
          code: .outOfTokens, reason: "a call of a tool was cut off by the limit of tokens")
      }
      return .partial
    }
  }
}

extension ToolCall {
  /// Whether the arguments are a document: nothing of them is missing.
  var hasWholeArguments: Bool {
    arguments.utf8.last { $0 > 0x20 } == UInt8(ascii: "}")
      && (try? JSONValue(parsing: Array(arguments.utf8))) != nil
  }
}

extension ResponderError {
  /// A field that is known came in a form that is not: what it said would be lost.
  static func oddField(_ name: String) -> ResponderError {
    ResponderError(
      code: .malformedResponse,
      reason: "the service sent \(name) in a form that is not known")
  }
}
