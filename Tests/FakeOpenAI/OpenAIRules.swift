/// The rules for the body of a `chat/completions`; the first that is broken is told.
struct OpenAIRules {
  let json: JSONDocument

  private static let parameters = [
    "model", "messages", "stream", "stream_options", "temperature", "top_p", "n", "max_tokens",
    "max_completion_tokens", "stop", "presence_penalty", "frequency_penalty", "seed", "user",
    "tools", "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort",
    "logprobs", "top_logprobs", "logit_bias", "metadata", "store", "service_tier",
  ]

  func check() throws(OpenAIError) {
    guard let members = json.members else {
      throw .invalid("We could not parse the JSON body of your request.")
    }
    if let unknown = members.first(where: { !Self.parameters.contains($0.name) }) {
      throw .invalid(
        "Unrecognized request argument supplied: \(unknown.name)", param: unknown.name)
    }
    guard let model = json["model"]?.text, !model.isEmpty else {
      throw .invalid("you must provide a model parameter")
    }
    try checkNumbers()
    try checkStreaming()
    try checkTools()
    try checkMessages()
  }

  private func checkNumbers() throws(OpenAIError) {
    let ranges: [(String, ClosedRange<Double>)] = [
      ("temperature", 0...2), ("top_p", 0...1), ("presence_penalty", -2...2),
      ("frequency_penalty", -2...2), ("n", 1...128), ("max_tokens", 1...1_000_000),
      ("max_completion_tokens", 1...1_000_000),
    ]
    for (name, range) in ranges {
      guard let value = json[name], value != .null else { continue }
      guard let number = value.decimal else {
        throw .invalid(
          "Invalid type for '\(name)': expected a decimal.", param: name, code: "invalid_type")
      }
      guard range.contains(number) else {
        throw .invalid(
          "Invalid '\(name)': \(value.compact) is out of range.", param: name,
          code: "invalid_value")
      }
    }
    if json["max_tokens"] != nil, json["max_completion_tokens"] != nil {
      throw .invalid(
        "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
    }
    if let count = json["stop"]?.elements?.count, count > 4 {
      throw .invalid(
        "Invalid 'stop': array too long.", param: "stop", code: "array_above_max_length")
    }
  }

  private func checkStreaming() throws(OpenAIError) {
    if let stream = json["stream"], stream != .null, stream.truth == nil {
      throw .invalid(
        "Invalid type for 'stream': expected a boolean.", param: "stream", code: "invalid_type")
    }
    if json["stream_options"] != nil, json["stream"]?.truth != true {
      throw .invalid(
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        param: "stream_options")
    }
  }

  private func checkTools() throws(OpenAIError) {
    for (index, tool) in (json["tools"]?.elements ?? []).enumerated() {
      guard tool["type"] == "function", tool["function"]?["name"]?.text?.isEmpty == false else {
        throw .invalid(
          "Missing required parameter: 'tools[\(index)].function.name'.",
          param: "tools[\(index)].function.name", code: "missing_required_parameter")
      }
    }
  }

  // MARK: - Messages

  private func checkMessages() throws(OpenAIError) {
    guard let messages = json["messages"]?.elements else {
      throw .invalid(
        "Missing required parameter: 'messages'.", param: "messages",
        code: "missing_required_parameter")
    }
    guard !messages.isEmpty else {
      throw .invalid(
        "Invalid 'messages': empty array.", param: "messages", code: "empty_array")
    }
    /// The calls of the last assistant's message that have no answer yet.
    var open: [String] = []
    for (index, message) in messages.enumerated() {
      try checkMessage(message, at: "messages[\(index)]")
      if message["role"] == "tool" {
        guard let id = message["tool_call_id"]?.text, let place = open.firstIndex(of: id) else {
          throw .invalid(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
              + "message with 'tool_calls'.", param: "messages.[\(index)].role")
        }
        open.remove(at: place)
      } else {
        try checkAnswered(open)
        open = (message["tool_calls"]?.elements ?? []).compactMap { $0["id"]?.text }
      }
    }
    try checkAnswered(open)
  }

  private func checkAnswered(_ open: [String]) throws(OpenAIError) {
    guard !open.isEmpty else { return }
    throw .invalid(
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        + "'tool_call_id'. The following tool_call_ids did not have response messages: "
        + open.joined(separator: ", "), param: "messages")
  }

  private func checkMessage(_ message: JSONDocument, at path: String) throws(OpenAIError) {
    let roles = ["system", "developer", "user", "assistant", "tool"]
    guard let role = message["role"]?.text, roles.contains(role) else {
      throw .invalid(
        "Invalid value: \(message["role"]?.compact ?? "null"). Supported values are: 'system', "
          + "'developer', 'user', 'assistant', and 'tool'.", param: "\(path).role",
        code: "invalid_value")
    }
    let calls = message["tool_calls"]?.elements
    for call in calls ?? [] {
      guard call["id"]?.text?.isEmpty == false, call["type"] == "function",
        call["function"]?["name"]?.text?.isEmpty == false,
        call["function"]?["arguments"]?.text != nil
      else {
        throw .invalid(
          "Invalid 'tool_calls': a call has an id, the type function, a name, and arguments in a "
            + "text.", param: "\(path).tool_calls")
      }
    }
    switch message["content"] {
    case .string: return
    case .array(let parts) where !parts.isEmpty:
      for part in parts where part["type"]?.text == nil {
        throw .invalid("Missing required parameter.", param: "\(path).content")
      }
    case nil, .null:
      if role == "assistant", calls?.isEmpty == false { return }
      fallthrough
    default:
      throw .invalid(
        "Invalid value for 'content': expected a string, got null.", param: "\(path).content")
    }
  }
}
