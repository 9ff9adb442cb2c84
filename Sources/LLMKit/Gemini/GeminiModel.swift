import SessionCore

/// A model as the service lists it. That it is listed does not prove that it answers to a key.
public struct GeminiModel: Sendable, Hashable {
  /// The name to ask it by, such as `gemini-2.5-flash`.
  public let name: String
  /// Its name for people.
  public let displayName: String
  /// Tokens a prompt has at most, as far as it is told.
  public let inputTokenCountMax: Int?
  /// Tokens an answer has at most, as far as it is told.
  public let outputTokenCountMax: Int?
  /// What it can be asked to do, such as `generateContent`.
  public let methods: [String]

  init?(_ json: JSONValue) {
    guard let name = json["name"]?.text else { return nil }
    self.name = Self.bareName(name)
    displayName = json["displayName"]?.text ?? self.name
    inputTokenCountMax = json["inputTokenLimit"]?.wholeNumber
    outputTokenCountMax = json["outputTokenLimit"]?.wholeNumber
    methods = json["supportedGenerationMethods"]?.elements?.compactMap(\.text) ?? []
  }

  /// A name without the prefix of resource names.
  static func bareName(_ name: String) -> String {
    let prefix = "models/"
    return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
  }
}
