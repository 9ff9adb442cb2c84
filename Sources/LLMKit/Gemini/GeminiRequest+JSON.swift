import SessionCore

extension GeminiRequest {
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
          ["category": .string(category.rawValue), "threshold": .string(threshold.rawValue)]
        })
    }
    if !declarations.isEmpty {
      body["tools"] = [["functionDeclarations": .array(declarations)]]
    }
    return .object(body)
  }

  /// The body of `countTokens`: the form that counts instruction and tools too.
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
}
