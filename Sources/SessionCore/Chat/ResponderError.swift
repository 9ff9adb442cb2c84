/// Why a responder gave no answer, or not all of it.
public struct ResponderError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// What a caller can act on. Codes may be added.
  public struct Code: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The name of the code.
    public let rawValue: String
    /// The code of this name.
    public init(rawValue: String) { self.rawValue = rawValue }
    private init(_ name: String) { rawValue = name }
    /// The name of the code.
    public var description: String { rawValue }

    /// The key is missing, wrong, expired or not allowed: no model will answer to it.
    public static let credentials = Code("credentials")
    /// The service does not serve this account, place or address, whatever the model.
    public static let serviceRefused = Code("serviceRefused")
    /// The conversation is longer than the model, or the plan, takes at once.
    public static let tooLong = Code("tooLong")
    /// The model's quota is used up; ``ResponderError/retryAt`` says until when, if it is known.
    public static let quotaExhausted = Code("quotaExhausted")
    /// The model does not exist, is gone, or is not offered on this plan.
    public static let modelUnavailable = Code("modelUnavailable")
    /// The service is overloaded or has an error of its own.
    public static let overloaded = Code("overloaded")
    /// The service refused the prompt or the answer for what it says.
    public static let blocked = Code("blocked")
    /// The service refused the request as it was made.
    public static let invalidRequest = Code("invalidRequest")
    /// The answer ended before it was whole.
    public static let cut = Code("cut")
    /// The model used all the tokens that its answer may have before it said anything.
    public static let outOfTokens = Code("outOfTokens")
    /// The service cannot be reached.
    public static let unreachable = Code("unreachable")
    /// The service did not answer in time.
    public static let timedOut = Code("timedOut")
    /// What came cannot be understood.
    public static let malformedResponse = Code("malformedResponse")
  }

  /// What a caller can act on.
  public let code: Code
  /// One line for a person; holds no key and no text of the conversation.
  public let reason: String
  /// The HTTP status, if the service gave one.
  public let httpStatus: Int?
  /// When it is worth asking again, as far as that is known.
  public let retryAt: Timestamp?

  /// An error with every part given.
  public init(code: Code, reason: String, httpStatus: Int? = nil, retryAt: Timestamp? = nil) {
    self.code = code
    self.reason = reason
    self.httpStatus = httpStatus
    self.retryAt = retryAt
  }

  /// The reason.
  public var description: String { reason }
}
