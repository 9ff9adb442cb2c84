/// What an answer can be read as.
public protocol RedisDecodable {
  /// Reads `value`.
  ///
  /// - Throws: ``RedisError`` with code ``RedisError/Code/protocolViolation`` when it is something
  ///   else.
  init(redis value: RedisValue) throws
}

extension RedisValue: RedisDecodable {
  /// Itself.
  public init(redis value: RedisValue) { self = value }
}

extension String: RedisDecodable {
  /// The text of a value, a status or a number; broken UTF-8 in it becomes U+FFFD.
  public init(redis value: RedisValue) throws {
    if case .integer(let number) = value {
      self = String(number)
    } else {
      self = try value.string ?? value.mismatch("a text")
    }
  }
}

extension Int64: RedisDecodable {
  /// A number, or a value that is one in decimal digits.
  public init(redis value: RedisValue) throws {
    self = try value.integer ?? value.mismatch("a whole number")
  }
}

extension Int: RedisDecodable {
  /// A number, or a value that is one in decimal digits.
  public init(redis value: RedisValue) throws {
    self = try value.integer.flatMap(Int.init(exactly:)) ?? value.mismatch("a whole number")
  }
}

extension Double: RedisDecodable {
  /// A number, or a value that is one in decimal digits.
  public init(redis value: RedisValue) throws {
    self = try Double(String(redis: value)) ?? value.mismatch("a number")
  }
}

extension Bool: RedisDecodable {
  /// True for a number but zero, and for a status such as `OK`; false for no value.
  public init(redis value: RedisValue) throws {
    switch value {
    case .integer(let number): self = number != 0
    case .status: self = true
    case .null: self = false
    case .bytes, .array, .error: self = try value.mismatch("a truth value")
    }
  }
}

extension Optional: RedisDecodable where Wrapped: RedisDecodable {
  /// Nil for no value.
  public init(redis value: RedisValue) throws {
    self = if case .null = value { nil } else { try Wrapped(redis: value) }
  }
}

extension Array: RedisDecodable where Element: RedisDecodable {
  /// The elements of an array; of bytes, those of a value.
  public init(redis value: RedisValue) throws {
    if let bytes = value.rawBytes as? [Element] {
      self = bytes
    } else {
      self = try (value.array ?? value.mismatch("an array")).map(Element.init(redis:))
    }
  }
}

extension UInt8: RedisDecodable {
  /// A number below 256.
  public init(redis value: RedisValue) throws {
    self = try value.integer.flatMap(UInt8.init(exactly:)) ?? value.mismatch("a byte")
  }
}

extension Dictionary: RedisDecodable where Key: RedisDecodable, Value: RedisDecodable {
  /// Names and values that stand in turn in an array; of two with one name the last counts.
  public init(redis value: RedisValue) throws {
    let pairs = try value.pairs.map { (try Key(redis: $0.0), try Value(redis: $0.1)) }
    self.init(pairs) { _, last in last }
  }
}

extension RedisValue {
  /// Whether it is an error of the server.
  var isRefusal: Bool { if case .error = self { true } else { false } }

  /// The bytes of a value. Nil for the rest.
  var rawBytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }

  /// What stands in turn in an array, two by two.
  var pairs: [(RedisValue, RedisValue)] {
    get throws {
      guard let list = array, list.count.isMultiple(of: 2) else {
        return try mismatch("an array of pairs")
      }
      return stride(from: 0, to: list.count, by: 2).map { (list[$0], list[$0 + 1]) }
    }
  }

  /// Throws that this is not what was expected.
  func mismatch<Result>(_ expected: String) throws -> Result {
    if case .error(let error) = self { throw RedisError(error, command: nil) }
    let kind =
      switch self {
      case .status: "a status"
      case .bytes: "a value"
      case .integer: "a number"
      case .null: "no value"
      case .array: "an array"
      case .error: "an error"
      }
    throw RedisError(
      code: .protocolViolation, reason: "the answer is \(kind), where \(expected) was expected")
  }
}
