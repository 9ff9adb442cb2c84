/// What can be an argument of a command: texts, numbers and bytes, as they are.
public protocol RedisEncodable {
  /// The bytes that are sent.
  var redisArgument: RedisArgument { get }
}

extension RedisArgument: RedisEncodable {
  /// Itself.
  public var redisArgument: RedisArgument { self }
}

extension String: RedisEncodable {
  /// Its UTF-8.
  public var redisArgument: RedisArgument { .text(self) }
}

extension Substring: RedisEncodable {
  /// Its UTF-8.
  public var redisArgument: RedisArgument { .text(String(self)) }
}

extension Int: RedisEncodable {
  /// Its decimal digits.
  public var redisArgument: RedisArgument { .integer(Int64(self)) }
}

extension Int64: RedisEncodable {
  /// Its decimal digits.
  public var redisArgument: RedisArgument { .integer(self) }
}

extension Double: RedisEncodable {
  /// The shortest text that is this number, `inf` and `-inf` included.
  public var redisArgument: RedisArgument { .text(description) }
}

extension [UInt8]: RedisEncodable {
  /// Its bytes.
  public var redisArgument: RedisArgument { .bytes(self) }
}

extension RedisValue: RedisEncodable {
  /// The bytes of a value, so that what one command answers can be given to the next. What has none
  /// (an array, no value, an error) is sent as an empty text.
  public var redisArgument: RedisArgument {
    switch self {
    case .bytes(let bytes): .bytes(bytes)
    case .status(let text): .text(text)
    case .integer(let number): .integer(number)
    case .null, .array, .error: ""
    }
  }
}

extension RedisCommand {
  /// A command with a key, or what stands in its place, and then all of `list`.
  init(_ name: String, _ first: some RedisEncodable, all list: some Sequence<some RedisEncodable>) {
    self.init(name, [first.redisArgument] + list.map(\.redisArgument))
  }

  /// A command whose arguments are all of `list`.
  init(_ name: String, all list: some Sequence<some RedisEncodable>) {
    self.init(name, list.map(\.redisArgument))
  }
}
