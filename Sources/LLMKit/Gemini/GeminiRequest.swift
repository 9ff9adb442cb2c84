import SessionCore

/// The body of a request to a model, put together from a prompt.
struct GeminiRequest {
  /// One turn on the wire.
  struct Content: Sendable, Hashable {
    let role: String
    var parts: [JSONValue]

    var json: JSONValue { ["role": .string(role), "parts": .array(parts)] }
  }

  let model: String
  var options: GeminiOptions
  /// The tools that may be called, as the service is told of them.
  let declarations: [JSONValue]
  let instruction: String?
  let format: ResponseFormat
  private(set) var contents: [Content] = []

  /// - Parameters:
  ///   - keepsCalls: Whether calls of tools that the prompt holds are sent.
  ///   - offersTools: Whether the model may call tools.
  /// - Throws: `ResponderError` when the prompt holds nothing to answer.
  init(
    _ prompt: Prompt, model: String, configuration: GeminiConfiguration, keepsCalls: Bool = true,
    offersTools: Bool = true
  ) throws(ResponderError) {
    self.model = model
    options = configuration.options
    declarations =
      offersTools ? try Self.declarations(for: prompt, configuration) : []
    format = prompt.format
    let transcript = Transcript(prompt, keepsCalls: keepsCalls)
    instruction = transcript.instruction
    for turn in transcript.turns {
      switch turn {
      case .user(let text): append("user", [["text": .string(text)]])
      case .model(let text, let calls):
        let parts: [JSONValue] = text.isEmpty ? [] : [["text": .string(text)]]
        append("model", parts + callParts(calls))
      case .results(let results): append(results)
      }
    }
    guard contents.last?.role == "user" else {
      throw ResponderError(code: .invalidRequest, reason: "the prompt holds no question")
    }
  }

  private static func declarations(
    for prompt: Prompt, _ configuration: GeminiConfiguration
  ) throws(ResponderError) -> [JSONValue] {
    guard let tools = prompt.tools else { return configuration.declarations }
    do {
      return try GeminiConfiguration.declarations(of: tools)
    } catch {
      throw ResponderError(code: .invalidRequest, reason: error.reason)
    }
  }

  /// Adds a turn, or the parts to the turn before, if that is of the same role. The first one is
  /// the user's.
  private mutating func append(_ role: String, _ parts: [JSONValue]) {
    if contents.last?.role == role {
      contents[contents.count - 1].parts += parts
    } else if !contents.isEmpty || role == "user" {
      contents.append(Content(role: role, parts: parts))
    }
  }

  private mutating func append(_ results: [Transcript.Result]) {
    append(
      "user",
      results.map { result in
        // The service wants an object.
        let response = result.value.fields == nil ? ["result": result.value] : result.value
        var answer: [String: JSONValue] = [
          "name": .string(result.call.name), "response": response,
        ]
        if !result.call.id.isEmpty { answer["id"] = .string(result.call.id) }
        return ["functionResponse": .object(answer)]
      })
  }

  /// The calls of one round, with the signatures that they came with. A round without any, of
  /// another model or service, gets what stands for one where the model insists.
  private func callParts(_ calls: [ToolCall]) -> [JSONValue] {
    let isUnsigned = calls.allSatisfy { $0.signature == nil }
    let standIn: String? =
      isUnsigned && GeminiDialect(model: model) == .level
      ? "skip_thought_signature_validator" : nil
    return calls.map { call in
      let arguments = try? JSONValue(parsing: Array(call.arguments.utf8))
      var function: [String: JSONValue] = [
        "name": .string(call.name), "args": arguments?.fields == nil ? [:] : arguments ?? [:],
      ]
      if !call.id.isEmpty { function["id"] = .string(call.id) }
      var part: [String: JSONValue] = ["functionCall": .object(function)]
      part["thoughtSignature"] = (call.signature ?? standIn).map { .string($0) }
      return .object(part)
    }
  }

  /// The request to make when thinking took all the tokens of the answer: less thinking or, where
  /// it cannot be less, more tokens. Nil when neither is possible.
  var withMoreRoomForText: GeminiRequest? {
    var request = self
    guard options.thinking == .least else {
      request.options.thinking = .least
      return request
    }
    guard let count = options.outputTokenCountMax, count < Self.outputTokenCountMax else {
      return nil
    }
    request.options.outputTokenCountMax = min(count * 4, Self.outputTokenCountMax)
    return request
  }

  /// What the models of both families give at most.
  private static let outputTokenCountMax = 65_536
}
