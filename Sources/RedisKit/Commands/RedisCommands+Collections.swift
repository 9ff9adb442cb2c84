// Hashes, lists and sets. The comments name the command and what is not plain from it.

/// An end of a list.
public enum RedisListEnd: String, Sendable {
  /// The first element.
  case left = "LEFT"
  /// The last element.
  case right = "RIGHT"
}

extension RedisCommands {
  /// HGET: nil when there is no such field.
  public func hget<Value: RedisDecodable>(
    _ key: some RedisEncodable, _ field: some RedisEncodable, as type: Value.Type = String.self
  ) async throws -> Value? { try await ask(RedisCommand("HGET", key, field)) }

  /// HSET: how many fields are new.
  @discardableResult
  public func hset(
    _ key: some RedisEncodable, _ fields: [String: some RedisEncodable]
  ) async throws -> Int {
    try await ask(RedisCommand("HSET", key, all: fields.arguments))
  }

  /// HSETNX: whether the field was not there.
  @discardableResult
  public func hsetnx(
    _ key: some RedisEncodable, _ field: some RedisEncodable, _ value: some RedisEncodable
  ) async throws -> Bool { try await ask(RedisCommand("HSETNX", key, field, value)) }

  /// HMGET: the value of each field, or nil.
  public func hmget<Value: RedisDecodable>(
    _ key: some RedisEncodable, _ fields: [some RedisEncodable], as type: Value.Type = String.self
  ) async throws -> [Value?] { try await ask(RedisCommand("HMGET", key, all: fields)) }

  /// HGETALL: empty when there is no such key.
  public func hgetall<Value: RedisDecodable>(
    _ key: some RedisEncodable, as type: Value.Type = String.self
  ) async throws -> [String: Value] { try await ask(RedisCommand("HGETALL", key)) }

  /// HDEL: how many there were.
  @discardableResult
  public func hdel<Item: RedisEncodable>(_ key: some RedisEncodable, _ fields: Item...) async throws
    -> Int
  {
    try await ask(RedisCommand("HDEL", key, all: fields))
  }

  /// HEXISTS.
  public func hexists(
    _ key: some RedisEncodable, _ field: some RedisEncodable
  ) async throws -> Bool { try await ask(RedisCommand("HEXISTS", key, field)) }

  /// HINCRBY: the number after adding `amount`.
  @discardableResult
  public func hincrby(
    _ key: some RedisEncodable, _ field: some RedisEncodable, _ amount: Int
  ) async throws -> Int { try await ask(RedisCommand("HINCRBY", key, field, amount)) }

  /// HKEYS: the names of the fields.
  public func hkeys(_ key: some RedisEncodable) async throws -> [String] {
    try await ask(RedisCommand("HKEYS", key))
  }

  /// HLEN: how many fields there are.
  public func hlen(_ key: some RedisEncodable) async throws -> Int {
    try await ask(RedisCommand("HLEN", key))
  }

  /// LPUSH, one after the other, so that the last comes first: the length after it.
  @discardableResult
  public func lpush<Item: RedisEncodable>(
    _ key: some RedisEncodable, _ values: Item...
  ) async throws -> Int { try await ask(RedisCommand("LPUSH", key, all: values)) }

  /// RPUSH: the length after it.
  @discardableResult
  public func rpush<Item: RedisEncodable>(
    _ key: some RedisEncodable, _ values: Item...
  ) async throws -> Int { try await ask(RedisCommand("RPUSH", key, all: values)) }

  /// LPOP: the first element, taken out; nil when there is none.
  public func lpop<Value: RedisDecodable>(
    _ key: some RedisEncodable, as type: Value.Type = String.self
  ) async throws -> Value? { try await ask(RedisCommand("LPOP", key)) }

  /// RPOP: the last element, taken out; nil when there is none.
  public func rpop<Value: RedisDecodable>(
    _ key: some RedisEncodable, as type: Value.Type = String.self
  ) async throws -> Value? { try await ask(RedisCommand("RPOP", key)) }

  /// LRANGE: elements from one place to another, both included; -1 is the last.
  public func lrange<Value: RedisDecodable>(
    _ key: some RedisEncodable, _ first: Int = 0, _ last: Int = -1,
    as type: Value.Type = String.self
  ) async throws -> [Value] { try await ask(RedisCommand("LRANGE", key, first, last)) }

  /// LINDEX: nil when there is none at this place.
  public func lindex<Value: RedisDecodable>(
    _ key: some RedisEncodable, _ place: Int, as type: Value.Type = String.self
  ) async throws -> Value? { try await ask(RedisCommand("LINDEX", key, place)) }

  /// LLEN: how many elements there are.
  public func llen(_ key: some RedisEncodable) async throws -> Int {
    try await ask(RedisCommand("LLEN", key))
  }

  /// LSET: puts an element in the place of another.
  public func lset(
    _ key: some RedisEncodable, _ place: Int, _ value: some RedisEncodable
  ) async throws { try await carryOut(RedisCommand("LSET", key, place, value)) }

  /// LREM: how many elements were this value and are gone; `count` of them at most from the front,
  /// from the back if negative, all for 0.
  @discardableResult
  public func lrem(
    _ key: some RedisEncodable, _ value: some RedisEncodable, count: Int = 0
  ) async throws -> Int { try await ask(RedisCommand("LREM", key, count, value)) }

  /// LTRIM: keeps the elements from one place to another.
  public func ltrim(_ key: some RedisEncodable, _ first: Int, _ last: Int) async throws {
    try await carryOut(RedisCommand("LTRIM", key, first, last))
  }

  /// LMOVE: takes an element from an end of one list to an end of another; nil when there is none.
  public func lmove<Value: RedisDecodable>(
    _ key: some RedisEncodable, _ from: RedisListEnd, to other: some RedisEncodable,
    _ end: RedisListEnd, as type: Value.Type = String.self
  ) async throws -> Value? {
    try await ask(RedisCommand("LMOVE", key, other, from.rawValue, end.rawValue))
  }

  /// SADD: how many are new.
  @discardableResult
  public func sadd<Item: RedisEncodable>(
    _ key: some RedisEncodable, _ members: Item...
  ) async throws -> Int { try await ask(RedisCommand("SADD", key, all: members)) }

  /// SREM: how many there were.
  @discardableResult
  public func srem<Item: RedisEncodable>(
    _ key: some RedisEncodable, _ members: Item...
  ) async throws -> Int { try await ask(RedisCommand("SREM", key, all: members)) }

  /// SMEMBERS, in no order.
  public func smembers<Value: RedisDecodable>(
    _ key: some RedisEncodable, as type: Value.Type = String.self
  ) async throws -> [Value] { try await ask(RedisCommand("SMEMBERS", key)) }

  /// SISMEMBER.
  public func sismember(
    _ key: some RedisEncodable, _ member: some RedisEncodable
  ) async throws -> Bool { try await ask(RedisCommand("SISMEMBER", key, member)) }

  /// SCARD: how many members there are.
  public func scard(_ key: some RedisEncodable) async throws -> Int {
    try await ask(RedisCommand("SCARD", key))
  }

  /// SPOP: any member, taken out; nil when there is none.
  public func spop<Value: RedisDecodable>(
    _ key: some RedisEncodable, as type: Value.Type = String.self
  ) async throws -> Value? { try await ask(RedisCommand("SPOP", key)) }

  /// SINTER: what all the sets have.
  public func sinter<Value: RedisDecodable>(
    _ keys: [some RedisEncodable], as type: Value.Type = String.self
  ) async throws -> [Value] { try await ask(RedisCommand("SINTER", all: keys)) }

  /// SUNION: what any of the sets has.
  public func sunion<Value: RedisDecodable>(
    _ keys: [some RedisEncodable], as type: Value.Type = String.self
  ) async throws -> [Value] { try await ask(RedisCommand("SUNION", all: keys)) }

  /// SDIFF: what the first set has, and none of the others.
  public func sdiff<Value: RedisDecodable>(
    _ keys: [some RedisEncodable], as type: Value.Type = String.self
  ) async throws -> [Value] { try await ask(RedisCommand("SDIFF", all: keys)) }
}
