/// What the service says about its models.
enum ModelCatalog {
  /// The models of a fake that is not told which ones it has.
  static let usual = [
    "gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.5-pro", "gemini-3.5-flash-lite",
    "gemini-3.5-flash", "gemini-3.6-flash", "gemini-flash-latest", "gemini-flash-lite-latest",
    "gemini-pro-latest",
  ]

  private static let aliases = [
    "gemini-flash-latest": "gemini-3.6-flash",
    "gemini-flash-lite-latest": "gemini-3.5-flash-lite",
    "gemini-pro-latest": "gemini-3.6-pro",
  ]

  /// The model that really answers.
  static func version(of model: String) -> String { aliases[model] ?? model }

  static func entry(_ model: String) -> JSONDocument {
    [
      "name": .string("models/\(model)"), "version": "001", "displayName": .string(title(model)),
      "description": .string("Stands in for \(title(model))."), "inputTokenLimit": 1_048_576,
      "outputTokenLimit": 65_536,
      "supportedGenerationMethods": [
        "generateContent", "countTokens", "createCachedContent", "batchGenerateContent",
      ],
      "temperature": 1, "topP": 0.95, "topK": 64, "maxTemperature": 2, "thinking": true,
    ]
  }

  private static func title(_ model: String) -> String {
    model.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }
      .joined(separator: " ")
  }

  static func token(offset: Int) -> String { "page-\(offset)" }

  static func offset(ofToken token: String) -> Int? {
    guard token.hasPrefix("page-") else { return nil }
    return Int(token.dropFirst("page-".count)).flatMap { $0 >= 0 ? $0 : nil }
  }
}
