import SessionCore

// Strings, keys and the server. The comments name the command and what is not plain from it.

/// When `SET` writes.
public enum RedisSetCondition: String, Sendable {
  /// Only a key that is not there.
  case ifAbsent = "NX"
  /// Only a key that is there.
  case ifPresent = "XX"
}

/// How long a key stays.
public enum RedisLifetime: Sendable, Hashable {
  /// There is no such key.
  case missing
  /// Until somebody deletes it.
  case unlimited
  /// So long.
  case limited(Duration)
}

extension RedisCommands {
  /// GET: the value; nil when there is no such key.
  public func get<Value: RedisDecodable>(
    _ key: some RedisEncodable, as type: Value.Type = String.self
  ) async throws -> Value? { try await ask(RedisCommand("GET", key)) }

  /// SET, with the time after which the key expires, and a condition. False when the condition was
  /// not met.
  @discardableResult
  public func set(
    _ key: some RedisEncodable, to value: some RedisEncodable, expiringIn lifetime: Duration? = nil,
    _ condition: RedisSetCondition? = nil
  ) async throws -> Bool {
    var arguments = [key.redisArgument, value.redisArgument]
    if let lifetime { arguments += ["PX", lifetime.wholeMilliseconds.redisArgument] }
    if let condition { arguments.append(.text(condition.rawValue)) }
    return try await ask(RedisCommand("SET", arguments))
  }

  /// MGET: the value of each key, or nil.
  public func mget<Value: RedisDecodable>(
    _ keys: [some RedisEncodable], as type: Value.Type = String.self
  ) async throws -> [Value?] { try await ask(RedisCommand("MGET", all: keys)) }

  /// MSET: all of them in one step.
  public func mset(_ values: [String: some RedisEncodable]) async throws {
    try await carryOut(RedisCommand("MSET", values.arguments))
  }

  /// GETDEL: the value of a key that is deleted.
  public func getdel<Value: RedisDecodable>(
    _ key: some RedisEncodable, as type: Value.Type = String.self
  ) async throws -> Value? { try await ask(RedisCommand("GETDEL", key)) }

  /// INCR: the number after adding one.
  @discardableResult
  public func incr(_ key: some RedisEncodable) async throws -> Int {
    try await ask(RedisCommand("INCR", key))
  }

  /// INCRBY: the number after adding `amount`, which may be negative.
  @discardableResult
  public func incrby(_ key: some RedisEncodable, _ amount: Int) async throws -> Int {
    try await ask(RedisCommand("INCRBY", key, amount))
  }

  /// INCRBYFLOAT: the number after adding `amount`.
  @discardableResult
  public func incrbyfloat(_ key: some RedisEncodable, _ amount: Double) async throws -> Double {
    try await ask(RedisCommand("INCRBYFLOAT", key, amount))
  }

  /// DECR: the number after taking one away.
  @discardableResult
  public func decr(_ key: some RedisEncodable) async throws -> Int {
    try await ask(RedisCommand("DECR", key))
  }

  /// APPEND: the bytes of the value after it.
  @discardableResult
  public func append(
    _ key: some RedisEncodable, _ value: some RedisEncodable
  ) async throws -> Int { try await ask(RedisCommand("APPEND", key, value)) }

  /// STRLEN: the bytes of the value.
  public func strlen(_ key: some RedisEncodable) async throws -> Int {
    try await ask(RedisCommand("STRLEN", key))
  }

  /// GETRANGE: bytes of the value from one place to another, both included; -1 is the last.
  public func getrange<Value: RedisDecodable>(
    _ key: some RedisEncodable, _ first: Int, _ last: Int, as type: Value.Type = String.self
  ) async throws -> Value { try await ask(RedisCommand("GETRANGE", key, first, last)) }

  /// DEL: how many there were.
  @discardableResult
  public func del<Item: RedisEncodable>(_ keys: Item...) async throws -> Int { try await del(keys) }

  /// DEL: how many there were.
  @discardableResult
  public func del(_ keys: [some RedisEncodable]) async throws -> Int {
    try await ask(RedisCommand("DEL", all: keys))
  }

  /// UNLINK: as `DEL`, with the memory freed later.
  @discardableResult
  public func unlink(_ keys: [some RedisEncodable]) async throws -> Int {
    try await ask(RedisCommand("UNLINK", all: keys))
  }

  /// EXISTS: how many of them there are.
  public func exists<Item: RedisEncodable>(_ keys: Item...) async throws -> Int {
    try await ask(RedisCommand("EXISTS", all: keys))
  }

  /// PEXPIRE: whether there was such a key.
  @discardableResult
  public func expire(_ key: some RedisEncodable, in lifetime: Duration) async throws -> Bool {
    try await ask(RedisCommand("PEXPIRE", key, lifetime.wholeMilliseconds))
  }

  /// PERSIST: whether the key would have expired.
  @discardableResult
  public func persist(_ key: some RedisEncodable) async throws -> Bool {
    try await ask(RedisCommand("PERSIST", key))
  }

  /// PTTL: how long the key stays.
  public func ttl(_ key: some RedisEncodable) async throws -> RedisLifetime {
    switch try await ask(RedisCommand("PTTL", key), as: Int64.self) {
    case -2: .missing
    case -1: .unlimited
    case let milliseconds: .limited(.milliseconds(milliseconds))
    }
  }

  /// TYPE: `string`, `list`, `set`, `zset`, `hash`, `stream`, or `none`.
  public func type(_ key: some RedisEncodable) async throws -> String {
    try await ask(RedisCommand("TYPE", key))
  }

  /// RENAME.
  public func rename(_ key: some RedisEncodable, to other: some RedisEncodable) async throws {
    try await carryOut(RedisCommand("RENAME", key, other))
  }

  /// DBSIZE: keys of the database; on a cluster, of one node.
  public func dbsize() async throws -> Int { try await ask(RedisCommand("DBSIZE")) }

  /// PING.
  public func ping() async throws { try await carryOut(RedisCommand("PING")) }

  /// PUBLISH: how many were listening at the node that took it.
  @discardableResult
  public func publish(
    _ message: some RedisEncodable, to channel: some RedisEncodable
  ) async throws -> Int { try await ask(RedisCommand("PUBLISH", channel, message)) }
}

extension Dictionary where Key == String, Value: RedisEncodable {
  /// Names and values in turn.
  var arguments: [RedisArgument] { flatMap { [.text($0.key), $0.value.redisArgument] } }
}
