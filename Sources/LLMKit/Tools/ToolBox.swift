import SessionCore

/// The tools of a responder, by name.
struct ToolBox: Sendable {
  let tools: [Tool]
  let limits: ToolLimits

  /// What a tool gave, as it goes back to the model.
  struct Result: Sendable, Hashable {
    let call: ToolCall
    /// What it returned, or an object whose `error` says why there is nothing.
    let value: JSONValue
  }

  /// The model called tools again and again.
  static let endlessCalls = ResponderError(
    code: .malformedResponse, reason: "the model called tools again and again, without an answer")

  /// - Throws: `ResponderError` when there are no tools, so that every call is an invention.
  func checkMayRun() throws(ResponderError) {
    guard tools.isEmpty else { return }
    throw ResponderError(code: .malformedResponse, reason: "the model called an unknown tool")
  }

  /// Runs the calls of one round at the same time, and returns their results in the same order.
  ///
  /// - Throws: `CancellationError`.
  func run(_ calls: [ToolCall]) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      for (index, call) in calls.enumerated() {
        group.addTask { (index, Result(call: call, value: try await value(of: call))) }
      }
      var results: [(Int, Result)] = []
      for try await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
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
