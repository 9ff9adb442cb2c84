import SessionCore

/// What a model is sent of a conversation, before it is put in a dialect: instructions apart, empty
/// texts left out, and calls of tools only together with their results.
struct Transcript: Sendable {
  enum Turn: Sendable, Hashable {
    case user(String)
    case model(text: String, calls: [ToolCall])
    case results([Result])
  }

  /// What a tool gave, as it goes back to the model.
  struct Result: Sendable, Hashable {
    let call: ToolCall
    let value: JSONValue
  }

  let instruction: String?
  private(set) var turns: [Turn] = []

  /// - Parameter keepsCalls: Without it calls and their results are left out too: what is left is
  ///   right for every service.
  init(_ prompt: Prompt, keepsCalls: Bool = true) {
    let instructions =
      [prompt.instruction ?? ""] + prompt.messages.filter { $0.role == .system }.map(\.content)
    let instruction = instructions.filter { !$0.isEmpty }.joined(separator: "\n\n")
    self.instruction = instruction.isEmpty ? nil : instruction
    for (index, message) in prompt.messages.enumerated() {
      switch message.role {
      case .user: if !message.content.isEmpty { turns.append(.user(message.content)) }
      case .assistant:
        let calls = Self.named(message.toolCalls, at: index)
        let following = prompt.messages[(index + 1)...]
        let results =
          keepsCalls ? Self.results(of: message.toolCalls, named: calls, following) : nil
        if !message.content.isEmpty || results != nil {
          turns.append(.model(text: message.content, calls: results == nil ? [] : calls))
        }
        if let results { turns.append(.results(results)) }
      // Instructions stand apart, results with their calls.
      case .system, .tool: continue
      }
    }
  }

  /// The calls with a name each: some services give none, and others take no call without.
  private static func named(_ calls: [ToolCall], at index: Int) -> [ToolCall] {
    calls.enumerated().map { number, call in
      guard call.id.isEmpty else { return call }
      return ToolCall(
        id: "call-\(index)-\(number)", name: call.name, arguments: call.arguments,
        signature: call.signature)
    }
  }

  /// What calls gave, in their order. Nil when there are none, or a result is missing.
  private static func results(
    of calls: [ToolCall], named: [ToolCall], _ following: ArraySlice<Message>
  ) -> [Result]? {
    // Each result is taken once: of calls that have one id the order tells.
    var answers = Array(following.prefix { $0.role == .tool })
    var results: [Result] = []
    for (call, named) in zip(calls, named) {
      guard let place = answers.firstIndex(where: { ($0.resultOf?.id ?? "") == call.id }) else {
        return nil
      }
      let content = answers.remove(at: place).content
      let value = (try? JSONValue(parsing: Array(content.utf8))) ?? .string(content)
      results.append(Result(call: named, value: value))
    }
    return results.isEmpty ? nil : results
  }
}
