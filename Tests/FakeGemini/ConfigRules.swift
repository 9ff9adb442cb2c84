/// The rules for `generationConfig` and `safetySettings`.
struct ConfigRules {
  private let family: ModelFamily
  private let model: String
  private let config: JSONDocument
  private let safety: [JSONDocument]
  private let tools: [JSONDocument]

  init(_ json: JSONDocument, model: String) {
    self.model = model
    family = ModelFamily(of: model)
    config = json["generationConfig"] ?? [:]
    safety = json["safetySettings"]?.elements ?? []
    tools = json["tools"]?.elements ?? []
  }

  func violation() -> Refusal? {
    let message =
      rangeMessage() ?? penaltyMessage() ?? thinkingMessage() ?? formatMessage()
      ?? safetyMessage() ?? toolMessage()
    return message.map { Refusal(.invalidArgument($0)) }
  }

  private func rangeMessage() -> String? {
    let ranges: [(name: String, range: ClosedRange<Double>)] = [
      ("temperature", 0...2), ("topP", 0...1), ("topK", 1...1_000), ("candidateCount", 1...8),
      ("maxOutputTokens", 1...65_536), ("logprobs", 0...20),
    ]
    for (name, range) in ranges {
      guard let value = config[name]?.decimal, !range.contains(value) else { continue }
      return "* GenerateContentRequest.generation_config.\(MessageType.snake(name)): "
        + "\(name) must be in the range [\(Self.plain(range.lowerBound)), "
        + "\(Self.plain(range.upperBound))].\n"
    }
    if let count = config["stopSequences"]?.elements?.count, count > 5 {
      return "* GenerateContentRequest.generation_config.stop_sequences: at most 5 stop sequences "
        + "are supported.\n"
    }
    if config["logprobs"] != nil, config["responseLogprobs"]?.truth != true {
      return "Logprobs can only be set when response_logprobs is true."
    }
    return nil
  }

  private static func plain(_ value: Double) -> String { String(Int(value)) }

  private func penaltyMessage() -> String? {
    let isSent = config["presencePenalty"] != nil || config["frequencyPenalty"] != nil
    return family.isThird && isSent ? "Penalty is not enabled for models/\(model)" : nil
  }

  private func thinkingMessage() -> String? {
    guard let thinking = config["thinkingConfig"] else { return nil }
    let hasLevel = thinking["thinkingLevel"] != nil
    let budget = thinking["thinkingBudget"]?.wholeNumber
    if family.isThird {
      return hasLevel && budget != nil
        ? "You can only set only one of thinking budget and thinking level." : nil
    }
    if hasLevel { return "Thinking level is not supported for this model." }
    guard let budget, budget != -1, !family.thinkingBudgets.contains(budget) else { return nil }
    if budget == 0 {
      return family.mayStopThinking
        ? nil : "Budget 0 is invalid. This model only works in thinking mode."
    }
    return "The thinking budget \(budget) is invalid. Please choose a value between "
      + "\(family.thinkingBudgets.lowerBound) and \(family.thinkingBudgets.upperBound)."
  }

  private func formatMessage() -> String? {
    let type = config["responseMimeType"]?.text ?? "text/plain"
    let allowed = ["text/plain", "application/json", "text/x.enum"]
    guard allowed.contains(type) else {
      return "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are "
        + "`text/plain`, `application/json`, `application/xml`, `application/yaml` and "
        + "`text/x.enum`.\n"
    }
    let schema = config["responseSchema"]
    let jsonSchema = config["responseJsonSchema"]
    if schema != nil, jsonSchema != nil {
      return "Only one of response_schema and response_json_schema can be set."
    }
    if schema != nil || jsonSchema != nil, type == "text/plain" {
      return "* GenerateContentRequest.generation_config.response_schema: only allowed when mime "
        + "type is `application/json`.\n"
    }
    return nil
  }

  private func safetyMessage() -> String? {
    var seen: Set<String> = []
    for (index, setting) in safety.enumerated() {
      let path = "* GenerateContentRequest.safety_settings[\(index)]"
      guard let category = setting["category"]?.text, category != "HARM_CATEGORY_UNSPECIFIED"
      else { return "\(path).category: category must be specified.\n" }
      guard let threshold = setting["threshold"]?.text,
        threshold != "HARM_BLOCK_THRESHOLD_UNSPECIFIED"
      else { return "\(path).threshold: threshold must be specified.\n" }
      guard seen.insert(category).inserted else {
        return "\(path): There should not be more than one setting for each `SafetyCategory` "
          + "type.\n"
      }
    }
    return nil
  }

  private func toolMessage() -> String? {
    var seen: Set<String> = []
    for (toolIndex, tool) in tools.enumerated() {
      for (index, function) in (tool["functionDeclarations"]?.elements ?? []).enumerated() {
        let name = function["name"]?.text ?? ""
        let path =
          "* GenerateContentRequest.tools[\(toolIndex)].function_declarations[\(index)].name"
        guard Self.isFunctionName(name) else {
          return "\(path): [FIELD_INVALID] Invalid function name. Must start with a letter or an "
            + "underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.) or dashes "
            + "(-), with a maximum length of 64.\n"
        }
        guard seen.insert(name).inserted else {
          return "Duplicate function declaration found: \(name)"
        }
        if let parameters = function["parameters"] {
          let path = "tools[\(toolIndex)].function_declarations[\(index)].parameters"
          let complaints = SchemaRules.complaints(about: parameters, at: path)
          if !complaints.isEmpty {
            return complaints.map { "* GenerateContentRequest.\($0)\n" }.joined()
          }
        }
      }
    }
    return nil
  }

  private static func isFunctionName(_ name: String) -> Bool {
    guard let first = name.first, first.isASCII, first.isLetter || first == "_" else {
      return false
    }
    return name.count <= 64
      && name.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "-")
      }
  }
}
