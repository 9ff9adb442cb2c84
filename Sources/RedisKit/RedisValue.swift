/// A reply of the server.
public enum RedisValue: Sendable, Hashable {
  /// A short text of the server's own, such as `OK`.
  case status(String)
  /// A value, byte for byte.
  case bytes([UInt8])
  /// A whole number.
  case integer(Int64)
  /// No value.
  case null
  /// Several replies, nested at will up to the limit of the configuration.
  case array([RedisValue])
  /// An error as an element of an array or of a pipeline. One that is the whole answer to a command
  /// is thrown instead.
  indirect case error(RedisServerError)

  /// The text of a status or of a value; broken UTF-8 in it becomes U+FFFD. Nil for the rest.
  public var string: String? {
    switch self {
    case .status(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .integer, .null, .array, .error: nil
    }
  }

  /// The number of an integer, or of a value that is one in decimal digits. Nil for the rest.
  public var integer: Int64? {
    switch self {
    case .integer(let number): number
    case .bytes, .status: string.flatMap(Int64.init)
    case .null, .array, .error: nil
    }
  }

  /// The elements of an array. Nil for the rest.
  public var array: [RedisValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }
}

/// An error as the server told it.
public struct RedisServerError: Sendable, Hashable, CustomStringConvertible {
  /// The word it begins with: `ERR`, `WRONGTYPE`, `NOSCRIPT`, `MOVED`, `ASK`, `READONLY`,
  /// `LOADING`, `OOM`, `NOAUTH`, `WRONGPASS`, `NOPERM`, `BUSY` and so on.
  public let code: String
  /// The rest of the line. What the server repeats of a command that it does not know is left out:
  /// it may be somebody's text.
  public let message: String

  /// An error with every part given.
  public init(code: String, message: String) {
    self.code = code
    self.message = message
  }

  /// Takes a line such as `WRONGTYPE Operation against a key …` apart.
  init(line: String) {
    let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    var code = String(parts.first ?? "")
    var message = parts.count > 1 ? String(parts[1]) : ""
    if let repeated = message.firstRange(of: ", with args beginning with") {
      message = String(message[..<repeated.lowerBound])
    }
    // Servers before version 7 wrap the error of a command inside a script in one of their own.
    if code == "ERR", message.hasPrefix("Error running script"),
      let inner = message.firstRange(of: ": -")
    {
      let rest = message[inner.upperBound...]
      code = String(rest.prefix { $0 != " " })
      message = String(rest.drop { $0 != " " }.dropFirst())
    }
    self.init(code: code, message: message)
  }

  /// Code and message.
  public var description: String { message.isEmpty ? code : "\(code) \(message)" }
}
