public import SessionCore

/// A responder that asks one model of one service.
///
/// It never waits to try again and keeps no record of refusals: a ``FallbackResponder`` does both.
public protocol ModelResponder: Responder {
  /// The model, as the service names it.
  var model: String { get }
  /// Where it is asked, and in whose name.
  var service: ModelService { get }
  /// The service, as OpenTelemetry names it (`gcp.gemini`, `openai` …); nil when it has no name
  /// there.
  var providerName: String? { get }
  /// How the model is to answer, in the words that the service is told; for traces.
  var parameters: [String: JSONValue] { get }
}

extension ModelResponder {
  /// Nil.
  public var providerName: String? { nil }
  /// Nothing is known.
  public var parameters: [String: JSONValue] { [:] }
}

/// What is known of a model before it is asked.
struct ModelDescription: Sendable {
  let model: String
  let service: ModelService
  let generation: TraceGeneration

  init(_ responder: any ModelResponder) {
    model = responder.model
    service = responder.service
    var generation = TraceGeneration(
      requestedModel: responder.model, provider: responder.providerName,
      parameters: responder.parameters)
    generation.serverAddress = responder.service.host
    self.generation = generation
  }
}

/// Where models are asked and in whose name: what one refuses, for the key or because it cannot be
/// reached, all of its models refuse.
public struct ModelService: Sendable, Hashable {
  /// The address that all requests begin with.
  public let baseURL: String
  private let key: Secret?

  /// The service at `baseURL`, asked with `key`.
  public init(baseURL: String, key: Secret?) {
    self.baseURL = baseURL
    self.key = key
  }

  /// The host of the address; nil when it is no address.
  public var host: String? {
    guard let scheme = baseURL.firstRange(of: "://") else { return nil }
    let authority = baseURL[scheme.upperBound...].prefix { $0 != "/" }
    // An IPv6 address has colons of its own, inside brackets.
    let host =
      authority.hasPrefix("[")
      ? authority.dropFirst().prefix { $0 != "]" }
      : authority.prefix { $0 != ":" }
    return host.isEmpty ? nil : String(host)
  }

  /// The name of a model in a `ModelAvailability` that processes share: the model's own name, with
  /// a digest of address and key behind it. What one key has used up another one may still have.
  public func recordName(of model: String) -> String {
    "\(model)@\(SpanID(seed: "\(baseURL)\n\(key?.revealed ?? "")"))"
  }
}

extension ResponderError {
  /// Until when the model is not to be asked, by any process, after this error.
  package var closesModelUntil: Timestamp? {
    code == .quotaExhausted || code == .overloaded ? retryAt : nil
  }
}

extension ResponderError {
  /// The model is known to refuse until `moment`, and was not asked.
  static func closed(until moment: Timestamp) -> ResponderError {
    ResponderError(
      code: .quotaExhausted, reason: "the model refused earlier and was not asked again",
      retryAt: moment)
  }
}
