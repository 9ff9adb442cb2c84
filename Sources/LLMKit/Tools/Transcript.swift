import SessionCore

/// What a model is sent of a conversation, before it is put in a dialect: instructions apart, empty
/// texts left out, and calls of tools only together with their results.
struct Transcript: Sendable {
  enum Turn: Sendable, Hashable {
    case user(String)
    case model(text: String, calls: [ToolCall])
    case results([ToolBox.Result])
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
        let results =
          keepsCalls ? Self.results(of: message, in: prompt.messages[(index + 1)...]) : nil
        if !message.content.isEmpty || results != nil {
          turns.append(
            .model(text: message.content, calls: results == nil ? [] : message.toolCalls))
        }
        if let results { turns.append(.results(results)) }
      // Instructions stand apart, results with their calls.
      case .system, .tool: continue
      }
    }
  }

  /// What the calls of a message gave, in their order. Nil when there are none, or one is missing.
  private static func results(
    of message: Message, in following: ArraySlice<Message>
  ) -> [ToolBox.Result]? {
    let answers = following.prefix { $0.role == .tool }
    let results = message.toolCalls.compactMap { call in
      answers.first { $0.toolCallID == call.id }.map { answer in
        ToolBox.Result(
          call: call,
          value: (try? JSONValue(parsing: Array(answer.content.utf8))) ?? .string(answer.content))
      }
    }
    return results.isEmpty || results.count < message.toolCalls.count ? nil : results
  }
}
