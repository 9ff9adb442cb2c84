import SessionCore

extension TraceGeneration {
  /// What is known of every question to `model` beforehand.
  init(asking model: any ModelResponder) {
    self.init(requestedModel: model.model)
    if let gemini = model as? GeminiResponder {
      provider = "gcp.gemini"
      parameters = gemini.traceParameters
    }
  }
}

extension GeminiResponder {
  /// How the model is to answer, as its family is told. Worked out once: the same for every prompt.
  fileprivate var traceParameters: [String: JSONValue] {
    let message = Message(
      id: .generate(), role: .user, content: "-", createdAt: Timestamp(milliseconds: 0))
    let prompt = Prompt(conversation: .generate(), messages: [message])
    let request = try? GeminiRequest(prompt, model: model, options: configuration.options)
    return request?.json["generationConfig"]?.fields ?? [:]
  }
}
