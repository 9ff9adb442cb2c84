import SessionCore

extension TracingConfiguration {
  /// Traces to where OpenTelemetry's variables say, and nil when they name no address or switch
  /// tracing off.
  ///
  /// - `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`: the whole address.
  /// - `OTEL_EXPORTER_OTLP_ENDPOINT`: the beginning of it; `/v1/traces` is added.
  /// - `OTEL_EXPORTER_OTLP_HEADERS`: `name=value,…`, the values encoded as in a URL.
  /// - `OTEL_EXPORTER_OTLP_PROTOCOL`: `http/protobuf`, the default, or `http/json`.
  /// - `OTEL_EXPORTER_OTLP_TIMEOUT`: milliseconds for one request.
  /// - `OTEL_EXPORTER_OTLP_CERTIFICATE`: a PEM file of certificates to trust.
  /// - `OTEL_SERVICE_NAME`: the name of the program.
  /// - `OTEL_SDK_DISABLED=true` and `OTEL_TRACES_EXPORTER=none`: nothing is traced.
  ///
  /// Those of the exporter can also be set for traces alone (`OTEL_EXPORTER_OTLP_TRACES_…`), which
  /// counts first. An empty variable counts as one that is not set.
  ///
  /// - Parameter environment: The variables, usually those of the process.
  /// - Throws: When a variable holds what cannot be used; the error names it, and no value of a
  ///   header.
  public static func openTelemetry(
    _ environment: [String: String]
  ) throws(LLMConfigurationError) -> TracingConfiguration? {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    func setting(_ name: String) -> (name: String, text: String)? {
      for name in ["OTEL_EXPORTER_OTLP_TRACES_\(name)", "OTEL_EXPORTER_OTLP_\(name)"] {
        if let text = value(name) { return (name, text) }
      }
      return nil
    }
    guard value("OTEL_SDK_DISABLED")?.lowercased() != "true",
      value("OTEL_TRACES_EXPORTER")?.lowercased() != "none",
      let endpoint = setting("ENDPOINT")
    else { return nil }
    let isWhole = endpoint.name == "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
    var address = try ServiceURL(endpoint.text, name: endpoint.name).text
    if !isWhole, !address.hasSuffix("/v1/traces") { address += "/v1/traces" }
    var configuration = try TracingConfiguration(
      openTelemetryURL: address, headers: headers(setting("HEADERS")),
      encoding: encoding(setting("PROTOCOL")))
    if let timeout = setting("TIMEOUT") {
      guard let milliseconds = Int(timeout.text), (1...3_600_000).contains(milliseconds) else {
        throw LLMConfigurationError(reason: "\(timeout.name) must be a number of milliseconds")
      }
      configuration.limits.requestTimeout = .milliseconds(milliseconds)
    }
    configuration.certificateAuthorityFile = setting("CERTIFICATE")?.text
    if let name = value("OTEL_SERVICE_NAME") { configuration.labels.serviceName = name }
    return configuration
  }

  private static func encoding(
    _ setting: (name: String, text: String)?
  ) throws(LLMConfigurationError) -> TraceEncoding {
    guard let setting else { return .protobuf }
    guard let encoding = TraceEncoding(rawValue: setting.text.lowercased()) else {
      throw LLMConfigurationError(reason: "\(setting.name) must be http/protobuf or http/json")
    }
    return encoding
  }

  private static func headers(
    _ setting: (name: String, text: String)?
  ) throws(LLMConfigurationError) -> [String: Secret] {
    var headers: [String: Secret] = [:]
    guard let setting else { return headers }
    for pair in setting.text.split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts[0].trimmed
      guard parts.count == 2, !name.isEmpty, let value = decoded(parts[1].trimmed) else {
        throw LLMConfigurationError(
          reason: "\(setting.name) must be name=value pairs with commas between them")
      }
      headers[name] = Secret(value)
    }
    return headers
  }

  /// What stands encoded as in a URL. Nil when that is broken.
  private static func decoded(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, let decoded = UInt8(digits, radix: 16) else { return nil }
      bytes.append(decoded)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

extension Substring {
  fileprivate var trimmed: String {
    let start = drop { $0 == " " || $0 == "\t" }
    return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
