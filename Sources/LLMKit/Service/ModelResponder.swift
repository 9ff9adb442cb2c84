public import SessionCore

/// A responder that asks one model of one service.
public protocol ModelResponder: Responder {
  /// The model, as the service names it.
  var model: String { get }
  /// Where it is asked, and in whose name.
  var service: ModelService { get }
  /// Answers as `respond` does, without looking at what is known of the model's availability: for a
  /// chain, which has looked, and keeps the record itself.
  func ask(
    _ prompt: Prompt, emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary
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
