import SessionCore

// Sorted sets and streams. The comments name the command and what is not plain from it.

/// A member of a sorted set.
public struct RedisScored<Member: Sendable>: Sendable {
  /// What it is.
  public let member: Member
  /// By what it is sorted.
  public let score: Double
}

extension RedisScored: Equatable where Member: Equatable {}

/// An entry of a stream.
public struct RedisStreamEntry: Sendable, Hashable {
  /// When it was added, in ms, and its number in that millisecond.
  public let id: String
  /// Names and values.
  public let fields: [String: String]

  init(_ value: RedisValue) throws {
    guard let parts = value.array, parts.count == 2 else {
      self = try value.mismatch("an entry of a stream")
      return
    }
    id = try String(redis: parts[0])
    // An entry that was deleted before it was acknowledged has no fields.
    fields = if case .null = parts[1] { [:] } else { try [String: String](redis: parts[1]) }
  }
}

extension RedisCommands {
  /// ZADD: how many are new.
  @discardableResult
  public func zadd(_ key: some RedisEncodable, _ scores: [String: Double]) async throws -> Int {
    try await ask(
      RedisCommand(
        "ZADD", key, all: scores.flatMap { [$0.value.redisArgument, .text($0.key)] }))
  }

  /// ZREM: how many there were.
  @discardableResult
  public func zrem<Item: RedisEncodable>(
    _ key: some RedisEncodable, _ members: Item...
  ) async throws -> Int { try await ask(RedisCommand("ZREM", key, all: members)) }

  /// ZINCRBY: the score after adding `amount`.
  @discardableResult
  public func zincrby(
    _ key: some RedisEncodable, _ amount: Double, _ member: some RedisEncodable
  ) async throws -> Double { try await ask(RedisCommand("ZINCRBY", key, amount, member)) }

  /// ZSCORE: nil when there is no such member.
  public func zscore(
    _ key: some RedisEncodable, _ member: some RedisEncodable
  ) async throws -> Double? { try await ask(RedisCommand("ZSCORE", key, member)) }

  /// ZRANK: how many come before it, by score; nil when there is no such member.
  public func zrank(
    _ key: some RedisEncodable, _ member: some RedisEncodable
  ) async throws -> Int? { try await ask(RedisCommand("ZRANK", key, member)) }

  /// ZCARD: how many members there are.
  public func zcard(_ key: some RedisEncodable) async throws -> Int {
    try await ask(RedisCommand("ZCARD", key))
  }

  /// ZCOUNT: how many have a score between two, both included.
  public func zcount(
    _ key: some RedisEncodable, _ scores: ClosedRange<Double>
  ) async throws -> Int {
    try await ask(RedisCommand("ZCOUNT", key, scores.lowerBound, scores.upperBound))
  }

  /// ZRANGE or ZREVRANGE: members from one place to another, both included, with their scores; the
  /// lowest score first, or the highest.
  public func zrange<Member: RedisDecodable & Sendable>(
    _ key: some RedisEncodable, _ first: Int = 0, _ last: Int = -1, highestFirst: Bool = false,
    as type: Member.Type = String.self
  ) async throws -> [RedisScored<Member>] {
    let name = highestFirst ? "ZREVRANGE" : "ZRANGE"
    return try await scored(RedisCommand(name, key, first, last, "WITHSCORES"))
  }

  /// ZRANGEBYSCORE: members with a score between two, both included; the lowest first.
  public func zrangebyscore<Member: RedisDecodable & Sendable>(
    _ key: some RedisEncodable, _ scores: ClosedRange<Double>, limit: Int? = nil,
    as type: Member.Type = String.self
  ) async throws -> [RedisScored<Member>] {
    try await scored(
      RedisCommand(
        "ZRANGEBYSCORE", key, scores.lowerBound, scores.upperBound, "WITHSCORES", "LIMIT", 0,
        limit ?? -1))
  }

  /// ZREMRANGEBYSCORE: how many had a score between two, and are gone.
  @discardableResult
  public func zremrangebyscore(
    _ key: some RedisEncodable, _ scores: ClosedRange<Double>
  ) async throws -> Int {
    try await ask(RedisCommand("ZREMRANGEBYSCORE", key, scores.lowerBound, scores.upperBound))
  }

  /// ZPOPMIN: the members with the lowest scores, taken out.
  public func zpopmin<Member: RedisDecodable & Sendable>(
    _ key: some RedisEncodable, count: Int = 1, as type: Member.Type = String.self
  ) async throws -> [RedisScored<Member>] {
    try await scored(RedisCommand("ZPOPMIN", key, count))
  }

  /// ZPOPMAX: the members with the highest scores, taken out.
  public func zpopmax<Member: RedisDecodable & Sendable>(
    _ key: some RedisEncodable, count: Int = 1, as type: Member.Type = String.self
  ) async throws -> [RedisScored<Member>] {
    try await scored(RedisCommand("ZPOPMAX", key, count))
  }

  private func scored<Member: RedisDecodable>(
    _ command: RedisCommand
  ) async throws -> [RedisScored<Member>] {
    try await ask(command, as: RedisValue.self).pairs.map {
      RedisScored(member: try Member(redis: $0.0), score: try Double(redis: $0.1))
    }
  }

  /// XADD: the id that the entry got. With `maximumLength` the oldest entries leave, about so many
  /// stay.
  @discardableResult
  public func xadd(
    _ key: some RedisEncodable, _ fields: [String: some RedisEncodable], maximumLength: Int? = nil
  ) async throws -> String {
    let limit: [RedisArgument] = maximumLength.map { ["MAXLEN", "~", $0.redisArgument] } ?? []
    return try await ask(RedisCommand("XADD", key, all: limit + ["*"] + fields.arguments))
  }

  /// XRANGE: entries between two ids, both included; `-` and `+` are the ends.
  public func xrange(
    _ key: some RedisEncodable, from first: String = "-", to last: String = "+", count: Int? = nil
  ) async throws -> [RedisStreamEntry] {
    let limit: [RedisArgument] = count.map { ["COUNT", $0.redisArgument] } ?? []
    let command = RedisCommand("XRANGE", key, all: [.text(first), .text(last)] + limit)
    return try await ask(command, as: RedisValue.self).entries
  }

  /// XREAD: entries behind an id. With `block`, on a connection of one's own, waits so long for
  /// the first; empty when none came.
  public func xread(
    _ key: some RedisEncodable, after id: String, count: Int? = nil, block: Duration? = nil
  ) async throws -> [RedisStreamEntry] {
    var arguments: [RedisArgument] = count.map { ["COUNT", $0.redisArgument] } ?? []
    if let block { arguments += ["BLOCK", block.wholeMilliseconds.redisArgument] }
    arguments += ["STREAMS", key.redisArgument, .text(id)]
    return try await ask(RedisCommand("XREAD", arguments), as: RedisValue.self).firstStream
  }

  /// XGROUP CREATE: a group of readers that begins behind an id, `$` for what comes from now on;
  /// makes the stream if there is none.
  public func xgroupCreate(
    _ key: some RedisEncodable, group: String, after id: String = "$"
  ) async throws {
    try await carryOut(RedisCommand("XGROUP", "CREATE", key, group, id, "MKSTREAM"))
  }

  /// XREADGROUP: entries that no reader of the group has had. With `block` as in `xread`.
  public func xreadgroup(
    _ key: some RedisEncodable, group: String, consumer: String, count: Int? = nil,
    block: Duration? = nil
  ) async throws -> [RedisStreamEntry] {
    var arguments: [RedisArgument] = ["GROUP", .text(group), .text(consumer)]
    if let count { arguments += ["COUNT", count.redisArgument] }
    if let block { arguments += ["BLOCK", block.wholeMilliseconds.redisArgument] }
    arguments += ["STREAMS", key.redisArgument, ">"]
    return try await ask(RedisCommand("XREADGROUP", arguments), as: RedisValue.self).firstStream
  }

  /// XACK: how many entries the group need not be given again.
  @discardableResult
  public func xack(
    _ key: some RedisEncodable, group: String, _ ids: [String]
  ) async throws -> Int { try await ask(RedisCommand("XACK", key, all: [group] + ids)) }

  /// XLEN: how many entries there are.
  public func xlen(_ key: some RedisEncodable) async throws -> Int {
    try await ask(RedisCommand("XLEN", key))
  }

  /// XDEL: how many there were.
  @discardableResult
  public func xdel(_ key: some RedisEncodable, _ ids: [String]) async throws -> Int {
    try await ask(RedisCommand("XDEL", key, all: ids))
  }
}

extension RedisValue {
  /// The entries of a stream.
  fileprivate var entries: [RedisStreamEntry] {
    get throws {
      try (array ?? mismatch("the entries of a stream")).map(RedisStreamEntry.init)
    }
  }

  /// The entries of the one stream that was read; none when there was nothing to read.
  fileprivate var firstStream: [RedisStreamEntry] {
    get throws {
      if case .null = self { return [] }
      guard let parts = array?.first?.array, parts.count == 2 else {
        return try mismatch("a stream")
      }
      return try parts[1].entries
    }
  }
}
