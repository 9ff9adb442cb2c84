/// The rules for the conversation in a request; the first that is broken is told.
struct ContentRules {
  let family: ModelFamily
  let contents: [JSONDocument]

  init(_ json: JSONDocument, family: ModelFamily) {
    self.family = family
    contents = json["contents"]?.elements ?? []
    instruction = json["systemInstruction"]
  }

  private let instruction: JSONDocument?

  func violation() -> Refusal? {
    let messages = validatorMessages()
    if !messages.isEmpty {
      return Refusal(.invalidArgument(messages.map { "* \($0)\n" }.joined()))
    }
    let message = roleMessage() ?? orderMessage() ?? CallRules(self).message() ?? endMessage()
    return message.map { Refusal(.invalidArgument($0)) }
  }

  // MARK: - Presence

  /// What can stand in a part; exactly one of them must.
  private static let payloads = [
    "text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode",
    "codeExecutionResult",
  ]

  private func validatorMessages() -> [String] {
    let request = "GenerateContentRequest"
    guard !contents.isEmpty else { return ["\(request).contents: contents is not specified"] }
    var messages = contents.enumerated().flatMap { index, content in
      partMessages(content, at: "\(request).contents[\(index)]")
    }
    if let instruction {
      messages += partMessages(instruction, at: "\(request).system_instruction")
    }
    return messages
  }

  private func partMessages(_ content: JSONDocument, at path: String) -> [String] {
    let parts = content["parts"]?.elements ?? []
    guard !parts.isEmpty else { return ["\(path).parts: contents.parts must not be empty."] }
    return parts.enumerated().compactMap { index, part in
      Self.isEmpty(part)
        ? "\(path).parts[\(index)].data: required oneof field 'data' must have one initialized "
          + "field" : nil
    }
  }

  /// An empty text counts as none, unless it is there to carry a signature.
  private static func isEmpty(_ part: JSONDocument) -> Bool {
    let present = payloads.filter { part[$0] != nil }
    return present.isEmpty
      || present == ["text"] && part["text"]?.text == "" && part["thoughtSignature"] == nil
  }

  // MARK: - Roles and order

  private func roleMessage() -> String? {
    for content in contents {
      let role = content["role"]?.text
      let mayBeAbsent = role == nil && contents.count == 1
      guard role == "user" || role == "model" || mayBeAbsent else {
        return "Please use a valid role: user, model."
      }
    }
    for content in contents + (instruction.map { [$0] } ?? []) {
      for part in content["parts"]?.elements ?? []
      where Self.payloads.count(where: { part[$0] != nil }) > 1 {
        return "Invalid value: oneof field 'data' is already set."
      }
    }
    let texts = instruction?["parts"]?.elements?.allSatisfy { $0["text"] != nil }
    return texts == false ? "System instruction only supports text parts." : nil
  }

  private func orderMessage() -> String? {
    isModel(contents[0])
      ? "Please ensure that multiturn requests start with a user turn." : nil
  }

  private func endMessage() -> String? {
    family.isThird && contents.last.map(isModel) == true
      ? "Please ensure that multiturn requests ends with a user role or a function response."
      : nil
  }

  func isModel(_ content: JSONDocument) -> Bool { content["role"]?.text == "model" }
}

/// The rules for calls of functions and their answers.
struct CallRules {
  private let rules: ContentRules

  init(_ rules: ContentRules) { self.rules = rules }

  private static let wrongPlace =
    "Please ensure that function call turn comes immediately after a user turn or after a function "
    + "response turn."
  private static let wrongCount =
    "Please ensure that the number of function response parts is equal to the number of function "
    + "call parts of the function call turn."
  private static let noCall =
    "Please ensure that function response turn comes immediately after a function call turn."

  func message() -> String? {
    for (index, content) in rules.contents.enumerated() {
      let calls = Self.items("functionCall", in: content)
      let answers = Self.items("functionResponse", in: content)
      if !calls.isEmpty, let message = message(ofCalls: calls, at: index) { return message }
      if !answers.isEmpty {
        let isAfterCall =
          index > 0 && !Self.items("functionCall", in: rules.contents[index - 1]).isEmpty
        if rules.isModel(content) || !isAfterCall { return Self.noCall }
      }
    }
    return nil
  }

  private func message(ofCalls calls: [JSONDocument], at index: Int) -> String? {
    let contents = rules.contents
    guard rules.isModel(contents[index]), index > 0, !rules.isModel(contents[index - 1]) else {
      return Self.wrongPlace
    }
    guard index + 1 < contents.count else { return Self.wrongCount }
    let answers = Self.items("functionResponse", in: contents[index + 1])
    guard answers.count == calls.count else { return Self.wrongCount }
    return namesMessage(calls, answers) ?? idsMessage(calls, answers)
      ?? signatureMessage(contents[index], position: index + 1)
  }

  private func namesMessage(_ calls: [JSONDocument], _ answers: [JSONDocument]) -> String? {
    let called = calls.map { $0["name"]?.text ?? "" }
    if called.contains("") || answers.contains(where: { ($0["name"]?.text ?? "").isEmpty }) {
      return "Name cannot be empty in function calls and function responses."
    }
    return called.sorted() == answers.compactMap { $0["name"]?.text }.sorted()
      ? nil : "Please ensure that the function response names match the function call names."
  }

  private func idsMessage(_ calls: [JSONDocument], _ answers: [JSONDocument]) -> String? {
    let called = calls.compactMap { $0["id"]?.text }
    let answered = answers.compactMap { $0["id"]?.text }
    if rules.family.needsCallIDs, called.count < calls.count || answered.count < answers.count {
      return "Function call and function response parts must have an id."
    }
    if Set(called).count < called.count || Set(answered).count < answered.count {
      return "Function call ids must be unique within a turn."
    }
    let pairs = { (items: [JSONDocument]) in
      Set(items.compactMap { item in item["id"]?.text.map { [$0, item["name"]?.text ?? ""] } })
    }
    return pairs(calls) == pairs(answers)
      ? nil : "Please ensure that the function response ids match the function call ids."
  }

  /// Of several calls in one turn, the first carries the signature.
  private func signatureMessage(_ content: JSONDocument, position: Int) -> String? {
    guard rules.family.isThird,
      let call = content["parts"]?.elements?.first(where: { $0["functionCall"] != nil }),
      (call["thoughtSignature"]?.text ?? "").isEmpty
    else { return nil }
    let name = call["functionCall"]?["name"]?.text ?? ""
    return "Function call is missing a thought_signature in functionCall parts. This is required "
      + "for tools to work correctly, and missing thought_signature may lead to degraded model "
      + "performance. Additional data, function call `default_api:\(name)` , position \(position). "
      + "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more "
      + "details."
  }

  private static func items(_ name: String, in content: JSONDocument) -> [JSONDocument] {
    (content["parts"]?.elements ?? []).compactMap { $0[name] }
  }
}
