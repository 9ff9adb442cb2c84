#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What the service would take without a word and then not use: for tests to assert that there is
/// nothing of it.
enum SpanRules {
  private static let types = [
    "span", "generation", "event", "agent", "tool", "chain", "retriever", "evaluator", "embedding",
    "guardrail",
  ]
  private static let levels = ["DEBUG", "DEFAULT", "WARNING", "ERROR"]

  static func complaints(about span: LangfuseSpan) -> [String] {
    span.attributes.sorted { $0.key < $1.key }.compactMap { name, value in
      complaint(name, value).map { "\(span.name): \(name) \($0)" }
    }
  }

  private static func complaint(_ name: String, _ value: JSONDocument) -> String? {
    switch name {
    case "user.id", "langfuse.user.id", "session.id", "langfuse.session.id",
      "gen_ai.conversation.id":
      guard let text = value.text else { return "is no text" }
      return text.count <= 200 && text.allSatisfy(\.isASCII) && !text.isEmpty
        ? nil : "is not 1 to 200 ASCII characters"
    case "langfuse.trace.tags":
      return value.elements?.allSatisfy { $0.text != nil } == true ? nil : "is no array of texts"
    case "langfuse.trace.public": return value.truth == nil ? "is no boolean" : nil
    case "langfuse.environment":
      return value.text.map(isEnvironment) == true ? nil : "is no name of an environment"
    case "langfuse.observation.type":
      return types.contains(value.text ?? "") ? nil : "is no type of an observation"
    case "langfuse.observation.level":
      return levels.contains(value.text ?? "") ? nil : "is no level"
    case "langfuse.observation.input", "langfuse.observation.output":
      return json(value) == nil ? "is no JSON in a text" : nil
    case "langfuse.observation.model.parameters", "langfuse.observation.usage_details",
      "langfuse.observation.cost_details":
      return json(value)?.members == nil ? "is no JSON object in a text" : nil
    case "langfuse.observation.completion_start_time":
      return value.text.map(isTime) == true ? nil : "is no ISO 8601 time"
    case "langfuse.trace.name", "langfuse.release", "langfuse.version",
      "langfuse.observation.model.name", "langfuse.observation.status_message":
      return value.text == nil ? "is no text" : nil
    default:
      let isMetadata =
        name.hasPrefix("langfuse.trace.metadata.")
        || name.hasPrefix("langfuse.observation.metadata.")
      if isMetadata { return value.text == nil ? "is no text" : nil }
      let isKnown =
        !name.hasPrefix("langfuse.") || name.hasPrefix("langfuse.observation.prompt.")
      return isKnown ? nil : "is no name that the service knows"
    }
  }

  static func isEnvironment(_ text: String) -> Bool {
    (1...40).contains(text.count) && !text.hasPrefix("langfuse")
      && text.allSatisfy {
        $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-" || $0 == "_")
      }
  }

  private static func json(_ value: JSONDocument) -> JSONDocument? {
    value.text.flatMap { try? JSONDocument(parsing: Array($0.utf8)) }
  }

  private static func isTime(_ text: String) -> Bool {
    (try? Date(text, strategy: Date.ISO8601FormatStyle())) != nil
      || (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        != nil
  }
}
