/// What all traces of a program say alike.
public struct TraceLabels: Sendable, Hashable {
  /// The program.
  public var serviceName = "llmkit"
  /// Its version.
  public var serviceVersion: String?
  /// Where it runs: `production`, `test` …
  public private(set) var environment: String?
  /// What was deployed.
  public var release: String?
  /// Words to filter by.
  public var tags: [String] = []
  /// Anything else, to filter by.
  public var metadata: [String: String] = [:]

  /// Nothing but the library's own name.
  public init() {}

  /// Says where the program runs.
  ///
  /// - Throws: When `environment` is not what Langfuse takes: at most 40 small letters, digits, `-`
  ///   and `_`, not beginning with `langfuse`.
  public mutating func setEnvironment(_ environment: String) throws(LLMConfigurationError) {
    let isPlain = environment.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
    guard isPlain, (1...40).contains(environment.utf8.count), !environment.hasPrefix("langfuse")
    else {
      throw LLMConfigurationError(
        reason: "a tracing environment is at most 40 small letters, digits, - and _, and does not "
          + "begin with langfuse")
    }
    self.environment = environment
  }
}
