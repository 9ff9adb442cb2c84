/// A command with its arguments, as it goes over the wire.
///
/// ```swift
/// let command = RedisCommand("SET", "greeting", .bytes([0xFF, 0x00]), "EX", 60)
/// let another = RedisCommand("SET", key, value, "EX", seconds)
/// ```
///
/// Encoding happens once, here; the rest of the client copies bytes. It prints its name only.
public struct RedisCommand: Sendable, CustomStringConvertible {
  /// The command as an array of bulk strings.
  let encoded: [UInt8]
  private let repeatable: Bool?
  /// What it does to the connection that carries it.
  let use: CommandUse

  /// Encodes a command.
  ///
  /// - Parameters:
  ///   - name: The command. A container command's second word (`CLIENT LIST`) is an argument.
  ///   - arguments: What follows it.
  ///   - isSafeToRepeat: Whether running it twice does the same as running it once, so that the
  ///     client may send it again when a connection broke before the answer. Nil: if it is one of
  ///     the commands that only read.
  /// - Complexity: O(bytes).
  public init(_ name: String, _ arguments: RedisArgument..., isSafeToRepeat: Bool? = nil) {
    self.init(name, arguments, isSafeToRepeat: isSafeToRepeat)
  }

  /// Encodes a command, with its arguments in an array.
  public init(_ name: String, _ arguments: [RedisArgument], isSafeToRepeat: Bool? = nil) {
    encoded = RESPEncoder.encode(name, arguments)
    repeatable = isSafeToRepeat
    use = CommandUse(name, arguments)
  }

  /// Encodes a command whose arguments are values of any kind that can be one.
  public init<each Argument: RedisEncodable>(
    _ name: String, _ arguments: repeat each Argument, isSafeToRepeat: Bool? = nil
  ) {
    var list: [RedisArgument] = []
    for argument in repeat each arguments { list.append(argument.redisArgument) }
    self.init(name, list, isSafeToRepeat: isSafeToRepeat)
  }

  /// The command's name.
  public var name: String {
    // After `*2`, CR, LF, `$3`, CR, LF.
    let lines = encoded.prefix(64).split(separator: 10, maxSplits: 3)
    guard lines.count > 2 else { return "" }
    return String(decoding: lines[2].dropLast(), as: UTF8.self)
  }

  /// Whether running it twice does the same as running it once.
  public var isSafeToRepeat: Bool {
    repeatable ?? Self.readingCommands.contains(name.uppercased())
  }

  /// Several commands, one behind the other.
  static func joined(_ commands: [RedisCommand]) -> [UInt8] {
    let size = commands.reduce(0) { $0 + $1.encoded.count }
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      for command in commands {
        count = buffer[count...].update(fromContentsOf: command.encoded)
      }
    }
  }

  /// The name alone.
  public var description: String { name }

  private static let readingCommands: Set<String> = [
    "BITCOUNT", "BITPOS", "DBSIZE", "ECHO", "EXISTS", "EXPIRETIME", "GET", "GETBIT", "GETRANGE",
    "HEXISTS", "HGET", "HGETALL", "HKEYS", "HLEN", "HMGET", "HSCAN", "HSTRLEN", "HVALS", "INFO",
    "KEYS", "LINDEX", "LLEN", "LPOS", "LRANGE", "MGET", "PEXPIRETIME", "PING", "PTTL", "SCAN",
    "SCARD", "SISMEMBER", "SMEMBERS", "SMISMEMBER", "SRANDMEMBER", "SSCAN", "STRLEN", "TIME",
    "TTL", "TYPE", "XLEN", "XRANGE", "XREVRANGE", "ZCARD", "ZCOUNT", "ZMSCORE", "ZRANGE",
    "ZRANGEBYSCORE", "ZRANK", "ZREVRANGE", "ZREVRANGEBYSCORE", "ZREVRANK", "ZSCAN", "ZSCORE",
  ]
}

/// One argument of a command. Every value is sent as bytes; none has a special meaning.
public enum RedisArgument: Sendable, Hashable, ExpressibleByStringInterpolation,
  ExpressibleByIntegerLiteral
{
  /// The UTF-8 of a text.
  case text(String)
  /// Bytes as they are.
  case bytes([UInt8])
  /// A number in decimal digits.
  case integer(Int64)

  /// The UTF-8 of a literal.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A number in decimal digits.
  public init(integerLiteral value: Int64) { self = .integer(value) }
}
