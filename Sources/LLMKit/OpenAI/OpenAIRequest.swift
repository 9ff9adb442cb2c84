import SessionCore

/// The body of a request for a streamed answer, put together from a prompt.
struct OpenAIRequest {
  let model: String
  private let configuration: OpenAIConfiguration
  private let tools: [Tool]
  private let format: ResponseFormat
  private var messages: [JSONValue] = []

  /// - Throws: `ResponderError` when the prompt holds nothing to answer.
  init(
    _ prompt: Prompt, model: String, configuration: OpenAIConfiguration
  ) throws(ResponderError) {
    self.model = model
    self.configuration = configuration
    tools = prompt.tools ?? configuration.tools
    format = prompt.format
    let transcript = Transcript(prompt)
    if let instruction = transcript.instruction {
      messages.append(["role": "system", "content": .string(instruction)])
    }
    for turn in transcript.turns {
      switch turn {
      case .user(let text): messages.append(["role": "user", "content": .string(text)])
      case .model(let text, let calls): append(modelText: text, calls: calls)
      case .results(let results): append(results)
      }
    }
    guard let role = messages.last?["role"]?.text, role == "user" || role == "tool" else {
      throw ResponderError(code: .invalidRequest, reason: "the prompt holds no question")
    }
  }

  /// Adds what the model said, with its calls.
  private mutating func append(modelText: String, calls: [ToolCall]) {
    var message: [String: JSONValue] = ["role": "assistant"]
    if !modelText.isEmpty || calls.isEmpty { message["content"] = .string(modelText) }
    if !calls.isEmpty {
      message["tool_calls"] = .array(
        calls.map { call in
          [
            "id": .string(call.id), "type": "function",
            "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
          ]
        })
    }
    messages.append(.object(message))
  }

  private mutating func append(_ results: [Transcript.Result]) {
    messages += results.map { result in
      let content = result.value.text ?? result.value.jsonText
      return [
        "role": "tool", "tool_call_id": .string(result.call.id), "content": .string(content),
      ]
    }
  }

  var json: JSONValue {
    let options = configuration.options
    var body: [String: JSONValue] = [
      "model": .string(model), "messages": .array(messages), "stream": true,
      "stream_options": ["include_usage": true],
    ]
    body["temperature"] = options.temperature.map { .number($0) }
    body["top_p"] = options.topP.map { .number($0) }
    // OpenAI's own newer models refuse the old name, and other servers know no other.
    let isOpenAI = configuration.baseURL.hasPrefix("https://api.openai.com")
    body[isOpenAI ? "max_completion_tokens" : "max_tokens"] =
      options.outputTokenCountMax.map { .integer(Int64($0)) }
    body["seed"] = options.seed.map { .integer(Int64($0)) }
    body["reasoning_effort"] = options.reasoningEffort.map { .string($0) }
    if !options.stopSequences.isEmpty {
      body["stop"] = .array(options.stopSequences.map { .string($0) })
    }
    switch format {
    case .text: break
    case .json: body["response_format"] = ["type": "json_object"]
    case .jsonSchema(let schema, let name):
      body["response_format"] = [
        "type": "json_schema",
        "json_schema": ["name": .string(name), "schema": schema, "strict": true],
      ]
    }
    if !tools.isEmpty {
      body["tools"] = .array(
        tools.map { tool in
          var function: [String: JSONValue] = [
            "name": .string(tool.name), "description": .string(tool.description),
          ]
          function["parameters"] = tool.parameters
          return ["type": "function", "function": .object(function)]
        })
    }
    return .object(body)
  }
}
