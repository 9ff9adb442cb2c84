/// What a scan has found: read batch by batch while it is iterated, so that it holds up the server
/// no longer than for one batch, and takes no more memory than one.
///
/// What is there from the beginning to the end of a scan is found; what comes or goes meanwhile may
/// be. Some elements may come twice: that is how Redis scans. Each iterator scans anew.
public struct RedisScan<Element: Sendable>: AsyncSequence, Sendable {
  typealias Send = @Sendable (RedisCommand) async throws -> RedisValue

  /// Where to ask: one place, or each node of a cluster.
  let places: @Sendable () async throws -> [Send]
  /// What to send for a cursor.
  let command: @Sendable (RedisArgument) -> RedisCommand
  /// What a batch holds.
  let read: @Sendable (RedisValue) throws -> [Element]

  /// Asks for one batch after the other.
  public struct Iterator: AsyncIteratorProtocol {
    let scan: RedisScan
    private var places: [Send]?
    private var cursor: RedisArgument = "0"
    private var batch: ArraySlice<Element> = []

    init(_ scan: RedisScan) { self.scan = scan }

    /// The next element; nil at the end.
    ///
    /// - Throws: ``RedisError``; `CancellationError`.
    public mutating func next() async throws -> Element? {
      if places == nil { places = try await scan.places() }
      while batch.isEmpty {
        guard let send = places?.last else { return nil }
        let command = scan.command(cursor)
        let answer = try await send(command)
        guard let parts = answer.array, parts.count == 2 else {
          return try answer.mismatch("a part of a scan")
        }
        batch = try scan.read(parts[1])[...]
        cursor = parts[0].redisArgument
        if parts[0].string == "0" {
          places?.removeLast()
          cursor = "0"
        }
      }
      return batch.popFirst()
    }

    /// The next element; nil at the end.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
      try await next()
    }
  }

  /// A scan from the beginning.
  public func makeAsyncIterator() -> Iterator { Iterator(self) }
}

extension RedisClient {
  /// SCAN: the names of all keys, or of those that match a pattern (`user:*`) or are of a kind
  /// (`hash`); on a cluster, those of all nodes.
  ///
  /// - Parameter batchCount: About how many keys the server looks at for each batch.
  public func scan<Key: RedisDecodable & Sendable>(
    matching pattern: String? = nil, type: String? = nil, batchCount: Int = 100,
    as key: Key.Type = String.self
  ) -> RedisScan<Key> {
    let options: [RedisArgument] =
      Self.options(pattern, batchCount) + (type.map { ["TYPE", .text($0)] } ?? [])
    return RedisScan(
      places: {
        guard case .routed(let router) = self.way else {
          return [{ try await self.send($0) }]
        }
        _ = try await router.settings(forSlot: nil)
        return router.knownPrimaries.map { node in
          { try await router.run($0, at: node.address) }
        }
      },
      command: { RedisCommand("SCAN", [$0] + options) },
      read: { try [Key](redis: $0) })
  }

  /// HSCAN: the fields of a hash and their values.
  public func hscan<Value: RedisDecodable & Sendable>(
    _ key: some RedisEncodable, matching pattern: String? = nil, batchCount: Int = 100,
    as type: Value.Type = String.self
  ) -> RedisScan<(field: String, value: Value)> {
    scan("HSCAN", key, pattern, batchCount) { batch in
      try batch.pairs.map { (try String(redis: $0.0), try Value(redis: $0.1)) }
    }
  }

  /// SSCAN: the members of a set.
  public func sscan<Member: RedisDecodable & Sendable>(
    _ key: some RedisEncodable, matching pattern: String? = nil, batchCount: Int = 100,
    as type: Member.Type = String.self
  ) -> RedisScan<Member> {
    scan("SSCAN", key, pattern, batchCount) { try [Member](redis: $0) }
  }

  /// ZSCAN: the members of a sorted set and their scores, in no order.
  public func zscan<Member: RedisDecodable & Sendable>(
    _ key: some RedisEncodable, matching pattern: String? = nil, batchCount: Int = 100,
    as type: Member.Type = String.self
  ) -> RedisScan<RedisScored<Member>> {
    scan("ZSCAN", key, pattern, batchCount) { batch in
      try batch.pairs.map {
        RedisScored(member: try Member(redis: $0.0), score: try Double(redis: $0.1))
      }
    }
  }

  private func scan<Element: Sendable>(
    _ name: String, _ key: some RedisEncodable, _ pattern: String?, _ batchCount: Int,
    _ read: @escaping @Sendable (RedisValue) throws -> [Element]
  ) -> RedisScan<Element> {
    let (key, options) = (key.redisArgument, Self.options(pattern, batchCount))
    return RedisScan(
      places: { [{ try await self.send($0) }] },
      command: { RedisCommand(name, [key, $0] + options) }, read: read)
  }

  private static func options(_ pattern: String?, _ batchCount: Int) -> [RedisArgument] {
    (pattern.map { ["MATCH", .text($0)] } ?? []) + ["COUNT", .integer(Int64(max(1, batchCount)))]
  }
}
