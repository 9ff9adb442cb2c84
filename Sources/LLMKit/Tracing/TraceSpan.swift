public import SessionCore

/// One operation that has ended: a turn, the loading of its context, one question to a model.
///
/// What a span says is typed; how it is written on the wire is not its concern.
public struct TraceSpan: Sendable, Hashable {
  /// How much it matters.
  public enum Level: String, Sendable, Hashable {
    /// As it should be.
    case standard = "DEFAULT"
    /// Not as it should be, but the user has an answer.
    case warning = "WARNING"
    /// The user has no answer.
    case error = "ERROR"
  }

  /// How it ended.
  public enum Status: Sendable, Hashable {
    /// Neither well nor badly: it was stopped.
    case unset
    /// Well.
    case ok
    /// Badly.
    case error
  }

  /// The trace that it is part of.
  public var trace: TraceContext
  /// Its name within the trace.
  public var id: SpanID
  /// The span that it is part of; nil for the one that the whole trace is.
  public var parent: SpanID?
  /// What was done.
  public var name: String
  /// When it began.
  public var startedAt: Timestamp
  /// When it ended; not before it began.
  public var endedAt: Timestamp
  /// How it ended.
  public var status: Status
  /// How much it matters.
  public var level: Level
  /// Why it is not as it should be.
  public var statusMessage: String?
  /// What kind of failure it was, in one word, to count by.
  public var errorType: String?
  /// What went in.
  public var input: TraceContent?
  /// What came out.
  public var output: TraceContent?
  /// Anything else worth knowing, to filter by.
  public var metadata: [String: String]
  /// What a model did, when this is a question to one.
  public var generation: TraceGeneration?

  /// A span of `trace` with what every span has; the rest is set afterwards.
  public init(
    _ name: String, of trace: TraceContext, id: SpanID, parent: SpanID?,
    from startedAt: Timestamp, to endedAt: Timestamp, status: Status = .ok,
    level: Level = .standard, metadata: [String: String] = [:]
  ) {
    self.trace = trace
    self.id = id
    self.parent = parent
    self.name = name
    self.startedAt = startedAt
    self.endedAt = max(startedAt, endedAt)
    self.status = status
    self.level = level
    self.metadata = metadata
  }
}

/// What all spans of a trace say alike.
public struct TraceContext: Sendable, Hashable {
  /// Names the trace.
  public var id: TraceID
  /// What the whole trace is about.
  public var name: String
  /// Whose turn it is.
  public var user: String?
  /// The conversation.
  public var session: String?
  /// Words to filter by.
  public var tags: [String]

  /// A trace with every part given.
  public init(
    id: TraceID, name: String, user: String? = nil, session: String? = nil, tags: [String] = []
  ) {
    self.id = id
    self.name = name
    self.user = user
    self.session = session
    self.tags = tags
  }
}

/// What a model was asked with, and what it used.
public struct TraceGeneration: Sendable, Hashable {
  /// The model that was asked.
  public var requestedModel: String
  /// The model that answered, as it names itself.
  public var model: String?
  /// Who runs it, as OpenTelemetry names it (`gcp.gemini`, `openai` …).
  public var provider: String?
  /// The host that is asked.
  public var serverAddress: String?
  /// How it was to answer: temperature, limits …
  public var parameters: [String: JSONValue]
  /// Tokens used.
  public var usage: TokenUsage?
  /// Why it stopped, in its own word.
  public var finishReason: String?
  /// When its first text came.
  public var firstTextAt: Timestamp?

  /// A question to `requestedModel` of which nothing else is known yet.
  public init(
    requestedModel: String, provider: String? = nil, parameters: [String: JSONValue] = [:]
  ) {
    self.requestedModel = requestedModel
    self.provider = provider
    self.parameters = parameters
  }
}
