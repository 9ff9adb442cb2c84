/// A span as it was stored.
public struct LangfuseSpan: Sendable, Hashable {
  /// 32 hexadecimal digits.
  public let traceID: String
  /// 16 hexadecimal digits.
  public let spanID: String
  /// 16 hexadecimal digits; nil for the root.
  public let parentSpanID: String?
  /// What was done.
  public let name: String
  /// 1 internal, 3 client …
  public let kind: Int
  /// Nanoseconds since 1970 UTC.
  public let start: UInt64
  /// Nanoseconds since 1970 UTC.
  public let end: UInt64
  /// The attributes, each as plain JSON.
  public let attributes: [String: JSONDocument]
  /// The attributes of the resource.
  public let resource: [String: JSONDocument]
  /// Who made the span.
  public let scopeName: String?
  /// 0 unset, 1 ok, 2 error.
  public let statusCode: Int
  /// Why, for an error.
  public let statusMessage: String?

  /// The attribute `name`, when it is a text.
  public func text(_ name: String) -> String? { attributes[name]?.text }

  /// The JSON in the text of the attribute `name`.
  public func json(_ name: String) -> JSONDocument? {
    text(name).flatMap { try? JSONDocument(parsing: Array($0.utf8)) }
  }

  /// The session, by any of the names that the service knows.
  public var sessionID: String? {
    text("langfuse.session.id") ?? text("session.id") ?? text("gen_ai.conversation.id")
  }
}
