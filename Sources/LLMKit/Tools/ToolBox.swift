import SessionCore

/// Runs the tools that a model calls, and asks it on with what they return.
struct ToolBox: Sendable {
  private let tools: [Tool]
  private let limits: ToolLimits

  /// - Parameters:
  ///   - prompt: Its tools go before those of `configured`.
  ///   - configured: The tools of the responder.
  init(for prompt: Prompt, configured: [Tool], limits: ToolLimits) {
    tools = prompt.tools ?? configured
    self.limits = limits
  }

  /// Asks, runs the tools that the model calls, and asks on, until there is an answer. Begins with
  /// the calls of an earlier run of the turn that have no result.
  ///
  /// What is known of an answer that fails, or is stopped, is written before the error is thrown.
  ///
  /// - Parameters:
  ///   - prompt: What is asked. Each round is put behind it, so that it can be asked again.
  ///   - writer: Takes the answer, calls and results included.
  ///   - ask: Asks once: fills in the answer, and writes its text as it comes.
  func converse<Answer: StreamedAnswer, Writer: AnswerWriter>(
    _ prompt: inout Prompt, into writer: inout Writer,
    ask: (Prompt, inout Answer, inout RoundWriter<Writer>) async throws -> Void
  ) async throws -> ResponseSummary {
    var answer = Answer(after: nil)
    do {
      try await run(Self.unanswered(in: prompt), &prompt, &writer)
      for _ in 0...limits.roundCountMax {
        var round = RoundWriter(writer, keepsText: !tools.isEmpty)
        defer { writer = round.base }
        try await ask(prompt, &answer, &round)
        let summary = try answer.summary()
        let calls = Self.named(answer.calls, at: prompt.messages.count)
        if calls.isEmpty { return summary }
        guard !tools.isEmpty else { throw Self.unknownTool }
        try await round.base.write(.progress(summary))
        try await round.base.write(.toolCalls(calls))
        prompt.messages.append(Message(calls: calls, saying: round.text))
        try await run(calls, &prompt, &round.base)
        answer = Answer(after: summary)
      }
      throw Self.endlessCalls
    } catch {
      // The error that ended it counts, whatever the reader thinks of this.
      if answer.hasBegun { try? await writer.write(.progress(answer.known)) }
      throw error
    }
  }

  /// Writes the text of one round, and keeps it for the next request if there may be one.
  struct RoundWriter<Base: AnswerWriter>: Sendable {
    fileprivate(set) var base: Base
    private let keepsText: Bool
    fileprivate private(set) var text = ""

    fileprivate init(_ base: Base, keepsText: Bool) {
      self.base = base
      self.keepsText = keepsText
    }

    mutating func write(_ piece: String) async throws {
      if keepsText { text += piece }
      try await base.write(.text(piece))
    }
  }

  /// The calls after the question that no message answers.
  private static func unanswered(in prompt: Prompt) -> [ToolCall] {
    let question = prompt.messages.lastIndex { $0.role == .user } ?? prompt.messages.startIndex
    let turn = prompt.messages[question...]
    guard let round = turn.lastIndex(where: { !$0.toolCalls.isEmpty }) else { return [] }
    let answered = Set(turn[round...].compactMap(\.resultOf?.id))
    return turn[round].toolCalls.filter { !answered.contains($0.id) }
  }

  /// The calls with an id each: some services give none, or the same to all.
  private static func named(_ calls: [ToolCall], at place: Int) -> [ToolCall] {
    var ids: Set<String> = []
    return calls.enumerated().map { number, call in
      if !call.id.isEmpty, ids.insert(call.id).inserted { return call }
      return ToolCall(
        id: "call-\(place)-\(number)", name: call.name, arguments: call.arguments,
        signature: call.signature)
    }
  }

  private static let endlessCalls = ResponderError(
    code: .malformedResponse, reason: "the model called tools again and again, without an answer")
  private static let unknownTool = ResponderError(
    code: .malformedResponse, reason: "the model called an unknown tool")

  /// Runs the calls of one round at the same time. Each result is written when it comes.
  private func run<Writer: AnswerWriter>(
    _ calls: [ToolCall], _ prompt: inout Prompt, _ writer: inout Writer
  ) async throws {
    try await withThrowingTaskGroup(of: ToolResult.self) { group in
      for call in calls { group.addTask { try await result(of: call) } }
      for try await result in group {
        try await writer.write(.toolResult(result))
        prompt.messages.append(Message(result))
      }
    }
  }

  private func result(of call: ToolCall) async throws -> ToolResult {
    let value = try await value(of: call)
    // A text that could be taken for JSON goes in quotes.
    if let text = value.text, (try? JSONValue(parsing: Array(text.utf8))) == nil {
      return ToolResult(call: call, content: text)
    }
    return ToolResult(call: call, content: value.jsonText)
  }

  private func value(of call: ToolCall) async throws -> JSONValue {
    guard let tool = tools.first(where: { $0.name == call.name }) else {
      return ["error": "there is no tool of this name"]
    }
    guard let arguments = try? JSONValue(parsing: Array(call.arguments.utf8)) else {
      return ["error": "the arguments are not JSON"]
    }
    do {
      return try await withinDeadline(limits.deadline) { try await tool.run(arguments) }
        ?? ["error": "the tool took too long"]
    } catch {
      try Task.checkCancellation()
      return ["error": .string("\(error)")]
    }
  }
}
