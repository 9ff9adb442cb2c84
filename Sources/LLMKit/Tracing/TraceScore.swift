public import SessionCore

/// What somebody thinks of an answer, as Langfuse keeps it beside the trace.
public struct TraceScore: Sendable, Hashable {
  /// The judgement itself.
  public enum Value: Sendable, Hashable {
    /// Yes or no: up or down.
    case boolean(Bool)
    /// A number.
    case numeric(Double)
    /// One of a set of words.
    case categorical(String)
  }

  /// Names it. Sent again under the same id, it replaces what was there.
  public var id: String
  /// The trace it is about.
  public var trace: TraceID
  /// What is judged.
  public var name: String
  /// The judgement.
  public var value: Value
  /// In words.
  public var comment: String?
  /// Anything else worth knowing.
  public var metadata: [String: String]

  /// A score with every part given.
  public init(
    id: String, trace: TraceID, name: String, value: Value, comment: String? = nil,
    metadata: [String: String] = [:]
  ) {
    self.id = id
    self.trace = trace
    self.name = name
    self.value = value
    self.comment = comment
    self.metadata = metadata
  }

  /// What a user thinks of `answer`.
  ///
  /// - Parameters:
  ///   - id: That of the feedback's row, so that a change of mind replaces it.
  ///   - answer: The message that was judged: it is in the trace of the question that it answers.
  ///   - conversation: Where it was said.
  ///   - isUp: Whether the user liked it.
  ///   - comment: Why, in the user's words.
  public init(
    feedback id: String, on answer: MessageID, in conversation: ConversationID, isUp: Bool,
    comment: String? = nil
  ) {
    // The question's id and the answer's each follow from the other in the same way.
    self.init(
      id: id, trace: TraceID(question: answer.answer), name: "user-feedback",
      value: .boolean(isUp), comment: comment,
      metadata: ["threadId": conversation.description, "stepId": answer.description])
  }

  /// The body of the request.
  func body(_ labels: TraceLabels) -> [UInt8] {
    var fields: [String: JSONValue] = [
      "id": .string(id), "traceId": .string(trace.description), "name": .string(name),
    ]
    switch value {
    case .boolean(let isTrue):
      fields["value"] = .integer(isTrue ? 1 : 0)
      fields["dataType"] = "BOOLEAN"
    case .numeric(let number):
      fields["value"] = .number(number)
      fields["dataType"] = "NUMERIC"
    case .categorical(let word):
      fields["value"] = .string(word)
      fields["dataType"] = "CATEGORICAL"
    }
    if let comment { fields["comment"] = .string(comment) }
    if let environment = labels.environment { fields["environment"] = .string(environment) }
    if !metadata.isEmpty { fields["metadata"] = .object(metadata.mapValues { .string($0) }) }
    return JSONValue.object(fields).jsonBytes
  }
}
