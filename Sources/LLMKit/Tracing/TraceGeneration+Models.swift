import SessionCore

extension TraceGeneration {
  /// What is known of every question to `model` beforehand.
  init(asking model: any ModelResponder) {
    self.init(requestedModel: model.model)
    serverAddress = Self.host(of: model.service.baseURL)
    switch model {
    case let gemini as GeminiResponder:
      provider = "gcp.gemini"
      parameters = gemini.traceParameters
    case let compatible as OpenAIResponder:
      // Who speaks OpenAI's interface goes by its name; the address tells them apart.
      provider = serverAddress == "api.x.ai" ? "x_ai" : "openai"
      parameters = compatible.traceParameters
    default: break
    }
  }

  /// The host of an address that is known to be one.
  private static func host(of url: String) -> String? {
    guard let scheme = url.firstRange(of: "://") else { return nil }
    let authority = url[scheme.upperBound...].prefix { $0 != "/" }
    // An IPv6 address has colons of its own, inside brackets.
    let host =
      authority.hasPrefix("[")
      ? authority.dropFirst().prefix { $0 != "]" }
      : authority.prefix { $0 != ":" }
    return host.isEmpty ? nil : String(host)
  }

  /// Anything that can be asked: the settings do not depend on it.
  fileprivate static var anyPrompt: Prompt {
    let message = Message(
      id: .generate(), role: .user, content: "-", createdAt: Timestamp(milliseconds: 0))
    return Prompt(conversation: .generate(), messages: [message])
  }
}

extension GeminiResponder {
  /// How the model is to answer, in the words that its family is told.
  fileprivate var traceParameters: [String: JSONValue] {
    let request = try? GeminiRequest(
      TraceGeneration.anyPrompt, model: model, configuration: configuration)
    return request?.json["generationConfig"]?.fields ?? [:]
  }
}

extension OpenAIResponder {
  /// How the model is to answer, in the words that the service is told.
  fileprivate var traceParameters: [String: JSONValue] {
    let request = try? OpenAIRequest(
      TraceGeneration.anyPrompt, model: model, configuration: configuration)
    let others: Set = ["model", "messages", "stream", "stream_options", "tools"]
    return request?.json.fields?.filter { !others.contains($0.key) } ?? [:]
  }
}
