import SessionCore

/// A request that can be asked on, with what the tools gave that the model called.
protocol ToolRequest: Sendable {
  associatedtype Answer: StreamedAnswer

  /// Adds what the model said while it called tools, with its calls.
  mutating func append(_ answer: Answer, saying text: String)
  /// Adds what the tools gave.
  mutating func append(_ results: [ToolBox.Result])
}

extension ToolBox {
  /// Asks, runs the tools that the model calls, and asks on, until there is an answer.
  ///
  /// What is known of an answer that fails, or is stopped, is told before the error is thrown.
  ///
  /// - Parameter stream: Asks once: fills in the answer, and hands over its text as it comes.
  func converse<Request: ToolRequest>(
    _ request: Request, emit: @Sendable (ResponseEvent) async throws -> Void,
    stream:
      @escaping (
        Request, inout Request.Answer, (String) async throws -> Void
      ) async throws -> Void
  ) async throws -> ResponseSummary {
    var request = request
    var answer = Request.Answer(after: nil)
    do {
      for _ in 0...limits.roundCountMax {
        var said = ""
        try await stream(request, &answer) { text in
          said += text
          try await emit(.text(text))
        }
        let summary = try answer.summary()
        let calls = answer.calls
        if calls.isEmpty { return summary }
        try checkMayRun()
        request.append(answer, saying: said)
        request.append(try await run(calls))
        answer = Request.Answer(after: summary)
      }
      throw Self.endlessCalls
    } catch {
      // The error that ended it counts, whatever the reader thinks of this.
      if answer.hasBegun { try? await emit(.broken(answer.known)) }
      throw error
    }
  }
}
