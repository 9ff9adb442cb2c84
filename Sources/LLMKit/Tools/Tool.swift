public import SessionCore

/// A Swift function that a model may have called while it answers.
///
/// A turn that is tried again, by the same model or by another, calls it again: it must be safe to
/// repeat.
public struct Tool: Sendable {
  /// What the model calls it by: letters, digits and underscores.
  public let name: String
  /// What it does and when to use it, for the model.
  public let description: String
  /// The JSON Schema of its one argument, an object. Nil: it takes nothing.
  public let parameters: JSONValue?
  /// The function. What it throws is told to the model, which may go on without it.
  public let run: @Sendable (JSONValue) async throws -> JSONValue

  /// A tool with every part given.
  ///
  /// - Parameters:
  ///   - name: Letters, digits and underscores.
  ///   - description: For the model.
  ///   - parameters: A JSON Schema of an object, or nil.
  ///   - run: Is cancelled with the turn and at the deadline of tools; nobody waits for it then.
  public init(
    name: String, description: String, parameters: JSONValue? = nil,
    run: @escaping @Sendable (JSONValue) async throws -> JSONValue
  ) {
    self.name = name
    self.description = description
    self.parameters = parameters
    self.run = run
  }
}

/// How tools are called.
public struct ToolLimits: Sendable, Hashable {
  /// How often in one turn the model may be answered with results and asked to go on. 8.
  public var roundCountMax: Int
  /// How long one call may take. 30 s.
  public var deadline: Duration

  /// Limits with every one given.
  public init(roundCountMax: Int = 8, deadline: Duration = .seconds(30)) {
    self.roundCountMax = roundCountMax
    self.deadline = deadline
  }
}
