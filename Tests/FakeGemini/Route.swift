/// Where a request leads.
enum Route: Sendable, Hashable {
  case models
  case model(String)
  case generate(model: String, AnswerFormat)
  case countTokens(model: String)

  /// Nil for a path or a method that the service does not know.
  init?(_ request: ReceivedRequest) {
    let path = request.path.replacing("%3A", with: ":").replacing("%3a", with: ":")
    let words = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard words.count >= 3, words[0].isEmpty, words[1] == "v1beta", words[2] == "models" else {
      return nil
    }
    switch (request.method, words.count) {
    case ("GET", 3): self = .models
    case ("GET", 4) where !words[3].isEmpty && !words[3].contains(":"): self = .model(words[3])
    case ("POST", 4):
      let parts = words[3].split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else { return nil }
      let model = String(parts[0])
      switch parts[1] {
      case "generateContent": self = .generate(model: model, .single)
      case "streamGenerateContent":
        let isEventStream = [request.queryValue("alt"), request.queryValue("$alt")].contains("sse")
        self = .generate(model: model, isEventStream ? .eventStream : .arrayStream)
      case "countTokens": self = .countTokens(model: model)
      default: return nil
      }
    default: return nil
    }
  }

  var modelName: String? {
    switch self {
    case .models: nil
    case .model(let model), .generate(let model, _), .countTokens(let model): model
    }
  }

  var format: AnswerFormat? { if case .generate(_, let format) = self { format } else { nil } }

  /// What may stand in the query beside what every call knows.
  var queryNames: [String] { self == .models ? ["pageSize", "pageToken"] : [] }
}
