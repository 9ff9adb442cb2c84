import SessionCore

/// The body of a request to a model, put together from a prompt.
struct GeminiRequest: Sendable {
  /// One turn on the wire.
  struct Content: Sendable, Hashable {
    let role: String
    var parts: [JSONValue]

    var json: JSONValue { ["role": .string(role), "parts": .array(parts)] }
  }

  let model: String
  var options: GeminiOptions
  let instruction: String?
  var contents: [Content]

  /// - Throws: ``ResponderError`` when the prompt holds nothing to answer.
  init(_ prompt: Prompt, model: String, options: GeminiOptions) throws(ResponderError) {
    self.model = model
    self.options = options
    let instructions =
      [prompt.instruction ?? ""]
      + prompt.messages.filter { $0.role == .system }.map(\.content)
    let instruction = instructions.filter { !$0.isEmpty }.joined(separator: "\n\n")
    self.instruction = instruction.isEmpty ? nil : instruction
    contents = Self.contents(prompt.messages)
    guard contents.last?.role == "user" else {
      throw ResponderError(code: .invalidRequest, reason: "the prompt holds no question")
    }
  }

  /// The turns: empty texts left out, neighbours of one role merged, the first one the user's.
  private static func contents(_ messages: [Message]) -> [Content] {
    var contents: [Content] = []
    for message in messages where !message.content.isEmpty {
      let role: String
      switch message.role {
      case .user: role = "user"
      case .assistant: role = "model"
      // Instructions stand apart; a tool's result means nothing without the call it answers.
      case .system, .tool: continue
      }
      let part: JSONValue = ["text": .string(message.content)]
      if contents.last?.role == role {
        contents[contents.count - 1].parts.append(part)
      } else if !contents.isEmpty || role == "user" {
        contents.append(Content(role: role, parts: [part]))
      }
    }
    return contents
  }

  /// The body of `generateContent` and `streamGenerateContent`.
  var json: JSONValue {
    var body: [String: JSONValue] = ["contents": .array(contents.map(\.json))]
    if let instruction {
      body["systemInstruction"] = ["parts": [["text": .string(instruction)]]]
    }
    let generation = generationConfig
    if !generation.isEmpty { body["generationConfig"] = .object(generation) }
    if !options.safety.isEmpty {
      body["safetySettings"] = .array(
        options.safety.sorted { $0.key.rawValue < $1.key.rawValue }.map { category, threshold in
          [
            "category": .string(category.rawValue), "threshold": .string(threshold.rawValue),
          ]
        })
    }
    return .object(body)
  }

  /// The body of `countTokens`: the form that counts the instruction too.
  var tokenCountJSON: JSONValue {
    var request = json.fields ?? [:]
    request["model"] = .string("models/\(model)")
    return ["generateContentRequest": .object(request)]
  }

  private var generationConfig: [String: JSONValue] {
    let dialect = GeminiDialect(model: model)
    var config: [String: JSONValue] = [:]
    if dialect == .budget {
      config["temperature"] = options.temperature.map { .number($0) }
      config["topP"] = options.topP.map { .number($0) }
      config["topK"] = options.topK.map { .integer(Int64($0)) }
    }
    config["maxOutputTokens"] = options.outputTokenCountMax.map { .integer(Int64($0)) }
    config["seed"] = options.seed.map { .integer(Int64($0)) }
    if !options.stopSequences.isEmpty {
      config["stopSequences"] = .array(options.stopSequences.map { .string($0) })
    }
    config["thinkingConfig"] = options.thinking.map { dialect.thinkingConfig($0, model: model) }
    return config
  }

  /// The request to make when thinking took all the tokens of the answer: less thinking or, where
  /// it cannot be less, more tokens.
  var withMoreRoomForText: GeminiRequest {
    var request = self
    if options.thinking == .least {
      request.options.outputTokenCountMax = options.outputTokenCountMax.map { $0 * 4 }
    } else {
      request.options.thinking = .least
    }
    return request
  }
}
