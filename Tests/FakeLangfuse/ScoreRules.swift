/// What is wrong with a score, as a list of issues.
enum ScoreRules {
  static func issues(_ score: JSONDocument) -> [JSONDocument] {
    guard score.members != nil else { return [issue([], "Expected object")] }
    var issues: [JSONDocument] = []
    let texts = [
      "id", "traceId", "observationId", "sessionId", "comment", "environment", "dataType",
      "configId",
    ]
    for name in texts where score[name] != nil && score[name] != .null && score[name]?.text == nil {
      issues.append(issue([name], "Expected string"))
    }
    if (score["name"]?.text ?? "").isEmpty {
      issues.append(issue(["name"], "String must contain at least 1 character(s)"))
    }
    let hasTrace = (score["traceId"]?.text ?? "").isEmpty == false
    let hasSession = (score["sessionId"]?.text ?? "").isEmpty == false
    if hasTrace == hasSession {
      issues.append(issue([], "Provide exactly one of the following: traceId, sessionId"))
    }
    if score["observationId"]?.text != nil, !hasTrace {
      issues.append(issue(["observationId"], "observationId requires traceId"))
    }
    if let environment = score["environment"]?.text, !SpanRules.isEnvironment(environment) {
      issues.append(issue(["environment"], "Invalid environment"))
    }
    if let metadata = score["metadata"], metadata != .null, metadata.members == nil {
      issues.append(issue(["metadata"], "Expected object"))
    }
    if let message = valueMessage(score) { issues.append(issue(["value"], message)) }
    return issues
  }

  private static func valueMessage(_ score: JSONDocument) -> String? {
    guard let value = score["value"], value != .null else { return "Required" }
    switch score["dataType"]?.text {
    case "BOOLEAN":
      return value.decimal == 0 || value.decimal == 1
        ? nil : "Value must be a number equal to either 0 or 1 for data type BOOLEAN"
    case "NUMERIC": return value.decimal == nil ? "Value must be a number" : nil
    case "CATEGORICAL": return value.text == nil ? "Value must be a string" : nil
    case "TEXT":
      let isRight = value.text.map { (1...500).contains($0.count) } == true
      return isRight ? nil : "Value must be a string of 1 to 500 characters"
    case nil:
      return value.decimal == nil && value.text == nil ? "Expected number or string" : nil
    case let other?: return "Invalid data type \(other)"
    }
  }

  private static func issue(_ path: [String], _ message: String) -> JSONDocument {
    [
      "code": "custom", "path": .array(path.map { .string($0) }), "message": .string(message),
    ]
  }
}
