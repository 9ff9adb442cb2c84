public import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where traces go, and what is told in them.
public struct TracingConfiguration: Sendable {
  /// What all traces say alike.
  public var labels = TraceLabels()
  /// How much is kept, and how long it is tried.
  public var limits = TracingLimits()
  /// Whether what was said is traced too: questions, answers, comments. If not, traces hold names,
  /// times, models and counts alone.
  public var includesContent = true
  /// Takes out of a text what is nobody's business, before the text is kept anywhere. Runs on the
  /// task that asked, after the answer is out.
  public var redact: (@Sendable (String) -> String)?
  /// A PEM file of certificates to trust in place of the system's.
  public var certificateAuthorityFile: String?

  /// How spans are written. Langfuse takes both; JSON there, so that a proxy's log can be read.
  public var encoding: TraceEncoding
  /// Where spans are sent, without secrets.
  public let spansURL: String
  /// Where scores are sent; nil: nowhere.
  let scoresURL: String?
  let headers: [HTTPRequest.Header]
  /// What must not appear in anything that is printed.
  let secrets: [Secret]

  /// Langfuse's cloud in the European Union.
  public static let langfuseHost = "https://cloud.langfuse.com"

  /// Traces to Langfuse.
  ///
  /// - Parameters:
  ///   - publicKey: The project's public key.
  ///   - secretKey: The project's secret key.
  ///   - host: The cloud of the region that the keys belong to, or a server of one's own.
  /// - Throws: When a key is empty or holds what no key does, or `host` is not an address.
  public init(
    langfusePublicKey publicKey: String, secretKey: Secret,
    host: String = TracingConfiguration.langfuseHost
  ) throws(LLMConfigurationError) {
    for (name, key) in [("public", publicKey), ("secret", secretKey.revealed)] {
      guard !key.isEmpty, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
        name == "secret" || !key.contains(":")
      else {
        throw LLMConfigurationError(
          reason: "the Langfuse \(name) key is empty or holds characters that no key has")
      }
    }
    let url = try ServiceURL(host, name: "the Langfuse host")
    let pair = Data("\(publicKey):\(secretKey.revealed)".utf8).base64EncodedString()
    spansURL = url.appending("/api/public/otel/v1/traces")
    scoresURL = url.appending("/api/public/scores")
    encoding = .json
    secrets = [secretKey, Secret(pair)]
    headers = try Self.headers([
      ("Authorization", Secret("Basic \(pair)")),
      ("x-langfuse-ingestion-version", Secret("4")),
      ("x-langfuse-sdk-name", Secret(OTLPExport.scopeName)),
      ("x-langfuse-sdk-version", Secret(OTLPExport.scopeVersion)),
    ])
  }

  /// Traces to Langfuse if both keys are set, and nil if one is missing: for values from the
  /// environment, where tracing is off unless it was asked for.
  ///
  /// - Throws: As ``init(langfusePublicKey:secretKey:host:)``, which takes values that are there.
  public static func langfuse(
    publicKey: String?, secretKey: Secret?, host: String? = nil
  ) throws(LLMConfigurationError) -> TracingConfiguration? {
    guard let publicKey, !publicKey.isEmpty, let secretKey, !secretKey.revealed.isEmpty else {
      return nil
    }
    let host = host.flatMap { $0.isEmpty ? nil : $0 } ?? langfuseHost
    return try TracingConfiguration(
      langfusePublicKey: publicKey, secretKey: secretKey, host: host)
  }

  /// Traces to any OTLP/HTTP endpoint. Scores go nowhere.
  ///
  /// - Parameters:
  ///   - openTelemetryURL: The whole address, such as `http://localhost:4318/v1/traces`.
  ///   - headers: What the endpoint wants to see, keys among it.
  ///   - encoding: What the endpoint takes; all take Protocol Buffers.
  /// - Throws: When the address is not one, or a header would not stay one line.
  public init(
    openTelemetryURL: String, headers: [String: Secret] = [:],
    encoding: TraceEncoding = .protobuf
  ) throws(LLMConfigurationError) {
    self.encoding = encoding
    spansURL = try ServiceURL(openTelemetryURL, name: "the OpenTelemetry address").text
    scoresURL = nil
    secrets = Array(headers.values)
    self.headers = try Self.headers(headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  private static func headers(
    _ fields: [(name: String, value: Secret)]
  ) throws(LLMConfigurationError) -> [HTTPRequest.Header] {
    var headers: [HTTPRequest.Header] = []
    for field in fields {
      let isName =
        !field.name.isEmpty
        && field.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
      guard isName, let header = try? HTTPRequest.Header(field.name, field.value) else {
        throw LLMConfigurationError(reason: "a tracing header is not one line of plain text")
      }
      headers.append(header)
    }
    return headers
  }
}
