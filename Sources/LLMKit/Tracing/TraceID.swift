public import SessionCore

/// Names a trace: 32 small hexadecimal digits.
public struct TraceID: Sendable, Hashable, CustomStringConvertible {
  /// The digits.
  public let description: String

  /// The id that follows from `seed`, always the same one: the first half of its SHA-256.
  public init(seed: String) {
    description = Hexadecimal.text(SHA256.digest(seed.utf8).prefix(16))
  }

  /// The trace of the turn that answers `question`, so that it can be found without having been
  /// stored.
  public init(question: MessageID) { self.init(seed: question.description) }
}

/// Names a span: 16 small hexadecimal digits.
public struct SpanID: Sendable, Hashable, CustomStringConvertible {
  /// The digits.
  public let description: String

  /// The id that follows from `seed`, always the same one: the first eight bytes of its SHA-256.
  public init(seed: String) {
    description = Hexadecimal.text(SHA256.digest(seed.utf8).prefix(8))
  }
}

private enum Hexadecimal {
  private static let digits = Array("0123456789abcdef".utf8)

  static func text(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
