/// How much the exporter keeps, and how long it tries.
public struct TracingLimits: Sendable, Hashable {
  /// Spans and scores that wait at most; beyond it the oldest are dropped. 2,000.
  public var waitingCountMax = 2000
  /// Bytes of text that wait at most; beyond it the oldest are dropped. 16 MiB.
  public var waitingByteCountMax = 16 << 20
  /// Spans in one request. 50.
  public var batchSpanCountMax = 50
  /// Bytes of one request. 4 MB.
  public var batchByteCountMax = 4_000_000
  /// How long the first span of a batch waits for others. 1 s.
  public var batchDelay = Duration.seconds(1)
  /// One request, from connecting to the last byte of the answer. 5 s.
  public var requestTimeout = Duration.seconds(5)
  /// Times that a request which failed is sent again. 5.
  public var retryCountMax = 5
  /// The wait before the first retry; doubles with each one. 1 s.
  public var backoffFirst = Duration.seconds(1)
  /// The longest wait before a retry, unless the server asks for a longer one. 30 s.
  public var backoffMax = Duration.seconds(30)
  /// The longest wait that a server may ask for. 15 min.
  public var retryAfterMax = Duration.seconds(900)
  /// How long nothing is sent after the server said that the plan's limit is reached. 1 h.
  public var suspension = Duration.seconds(3600)
  /// Bytes of the input of one span, and of its output; what is longer is cut. 256 KiB.
  public var contentByteCountMax = 256 << 10

  /// The limits named above.
  public init() {}
}
