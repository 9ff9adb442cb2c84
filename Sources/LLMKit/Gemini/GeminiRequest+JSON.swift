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
    if !tools.isEmpty {
      body["tools"] = [["functionDeclarations": .array(tools.map(Self.declaration))]]
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

  private static func declaration(_ tool: Tool) -> JSONValue {
    var declaration: [String: JSONValue] = [
      "name": .string(tool.name), "description": .string(tool.description),
    ]
    declaration["parameters"] = tool.parameters.map(schema)
    return .object(declaration)
  }

  /// What of JSON Schema the service knows.
  private static let schemaFields: Set<String> = [
    "type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems",
    "properties", "required", "minProperties", "maxProperties", "minLength", "maxLength", "pattern",
    "example", "anyOf", "propertyOrdering", "default", "items", "minimum", "maximum",
  ]

  /// A schema in the service's spelling: types in capitals, what it does not know left out.
  private static func schema(_ schema: JSONValue) -> JSONValue {
    guard let fields = schema.fields else { return schema }
    var result: [String: JSONValue] = [:]
    for (name, value) in fields where schemaFields.contains(name) {
      switch name {
      case "type":
        // A list of types is one that may be null, as far as the service knows.
        let types = (value.elements ?? [value]).compactMap { $0.text?.uppercased() }
        result[name] = types.first { $0 != "NULL" }.map { .string($0) }
        if types.contains("NULL") { result["nullable"] = true }
      case "enum":
        result[name] = .array((value.elements ?? []).map { .string($0.text ?? $0.jsonText) })
      // A schema that allows everything is left to the description.
      case "properties":
        result[name] = .object(
          (value.fields ?? [:]).mapValues { $0.fields == nil ? [:] : Self.schema($0) })
      case "items": result[name] = Self.schema(value)
      case "anyOf": result[name] = .array((value.elements ?? []).map(Self.schema))
      default: result[name] = value
      }
    }
    return .object(result)
  }
}
