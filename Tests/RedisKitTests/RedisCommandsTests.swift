import TestSupport
import Testing

@testable import RedisKit

@Suite("Everyday commands as methods", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct RedisCommandsTests {
  @Test("Strings and keys")
  func strings() async throws {
    try await RedisBench.run { bench in
      let (client, key) = (bench.client, bench.prefix + "s")
      let value = "Bonjour \u{1F44B}"
      #expect(try await client.get(key) == nil)
      #expect(try await client.set(key, to: value, expiringIn: .seconds(6000), .ifAbsent))
      #expect(try await client.set(key, to: value, .ifAbsent) == false)
      #expect(try await client.get(key) == value)
      #expect(try await client.get(key, as: [UInt8].self) == Array(value.utf8))
      guard case .limited(let left) = try await client.ttl(key) else {
        Issue.record("no lifetime")
        return
      }
      #expect(left > .seconds(5000) && left <= .seconds(6000))
      #expect(try await client.persist(key))
      #expect(try await client.ttl(key) == .unlimited)
      #expect(try await client.ttl(key + "none") == .missing)
      #expect(try await client.expire(key, in: .seconds(9)))
      #expect(try await client.type(key) == "string")
      #expect(try await client.append(key, "!") == value.utf8.count + 1)
      #expect(try await client.getrange(key, 0, 6) == "Bonjour")
      #expect(try await client.strlen(key) == value.utf8.count + 1)
      try await client.mset([key + "1": 1, key + "2": 2])
      #expect(
        try await client.mget([key + "1", key + "x", key + "2"], as: Int.self) == [1, nil, 2])
      #expect(try await client.incr(key + "1") == 2)
      #expect(try await client.incrby(key + "1", -5) == -3)
      #expect(try await client.decr(key + "1") == -4)
      #expect(try await client.incrbyfloat(key + "1", 0.5) == -3.5)
      #expect(try await client.get(key + "1", as: Double.self) == -3.5)
      try await client.rename(key + "1", to: key + "3")
      #expect(try await client.exists(key + "1", key + "2", key + "3") == 2)
      #expect(try await client.getdel(key + "3") == "-3.5")
      #expect(try await client.del(key, key + "2") == 2)
      #expect(try await client.unlink([key]) == 0)
      let seconds = 60
      _ = try await client.send(RedisCommand("SET", key, value, "EX", seconds))
      #expect(try await client.dbsize() > 0)
    }
  }

  @Test("Hashes, lists and sets")
  func collections() async throws {
    try await RedisBench.run { bench in
      let (client, key) = (bench.client, bench.prefix)
      let (hash, list, set) = (key + "h", key + "l", key + "m")
      #expect(try await client.hset(hash, ["a": "1", "b": "2"]) == 2)
      #expect(try await client.hget(hash, "a") == "1")
      #expect(try await client.hmget(hash, ["a", "x"]) == ["1", nil])
      #expect(try await client.hgetall(hash) == ["a": "1", "b": "2"])
      #expect(try await client.hgetall(hash, as: Int.self) == ["a": 1, "b": 2])
      #expect(try await client.hgetall(key + "none") == [:])
      #expect(try await client.hincrby(hash, "a", 4) == 5)
      #expect(try await client.hsetnx(hash, "a", 1) == false)
      #expect(try await client.hexists(hash, "a"))
      #expect(try await client.hdel(hash, "a", "x") == 1)
      #expect(try await client.hkeys(hash) == ["b"])
      #expect(try await client.hlen(hash) == 1)
      #expect(try await client.rpush(list, "a", "b", "c") == 3)
      #expect(try await client.lpush(list, "z") == 4)
      #expect(try await client.lrange(list) == ["z", "a", "b", "c"])
      #expect(try await client.lindex(list, -1) == "c")
      #expect(try await client.lpop(list) == "z")
      #expect(try await client.rpop(list) == "c")
      try await client.lset(list, 0, "A")
      #expect(try await client.lmove(list, .left, to: list + "2", .right) == "A")
      #expect(try await client.lrem(list, "b") == 1)
      #expect(try await client.llen(list) == 0)
      #expect(try await client.lpop(list) == nil)
      try await client.ltrim(list + "2", 1, 0)
      #expect(try await client.sadd(set, 1, 2, 3) == 3)
      #expect(try await client.sadd(set + "2", 3, 4) == 2)
      #expect(Set(try await client.smembers(set, as: Int.self)) == [1, 2, 3])
      #expect(try await client.sismember(set, 2))
      #expect(try await client.sinter([set, set + "2"]) == ["3"])
      #expect(try await client.sunion([set, set + "2"]).count == 4)
      #expect(Set(try await client.sdiff([set, set + "2"])) == ["1", "2"])
      #expect(try await client.srem(set, 1) == 1)
      #expect(try await client.scard(set) == 2)
      #expect(try await client.spop(key + "none") == nil)
    }
  }

  @Test("Sorted sets, streams and scripts")
  func sortedSets() async throws {
    try await RedisBench.run { bench in
      let (client, key) = (bench.client, bench.prefix)
      let (set, stream) = (key + "z", key + "x")
      #expect(try await client.zadd(set, ["a": 1, "b": 2.5, "c": .infinity]) == 3)
      #expect(try await client.zscore(set, "b") == 2.5)
      #expect(try await client.zscore(set, "x") == nil)
      #expect(try await client.zincrby(set, 2, "a") == 3)
      #expect(try await client.zrange(set).map(\.member) == ["b", "a", "c"])
      #expect(try await client.zrange(set, highestFirst: true).first?.score == .infinity)
      #expect(try await client.zrangebyscore(set, 0...3, limit: 1).map(\.member) == ["b"])
      #expect(try await client.zrank(set, "a") == 1)
      #expect(try await client.zcount(set, 0...9) == 2)
      #expect(try await client.zpopmin(set) == [RedisScored(member: "b", score: 2.5)])
      #expect(try await client.zpopmax(set).map(\.member) == ["c"])
      #expect(try await client.zremrangebyscore(set, 0...9) == 1)
      #expect(try await client.zcard(set) == 0)
      try await client.xgroupCreate(stream, group: "g")
      let id = try await client.xadd(stream, ["n": 1], maximumLength: 100)
      let second = try await client.xadd(stream, ["n": 2])
      #expect(try await client.xlen(stream) == 2)
      #expect(try await client.xrange(stream).map(\.id) == [id, second])
      #expect(try await client.xread(stream, after: id).map(\.fields) == [["n": "2"]])
      #expect(try await client.xread(stream, after: second).isEmpty)
      let mine = try await client.xreadgroup(stream, group: "g", consumer: "me", count: 1)
      #expect(mine.map(\.id) == [id])
      #expect(try await client.xack(stream, group: "g", [id]) == 1)
      #expect(try await client.xdel(stream, [id]) == 1)
      let none = try await client.withConnection { connection in
        try await connection.xread(stream, after: second, block: .milliseconds(5))
      }
      #expect(none.isEmpty)
      let script = RedisScript("return {KEYS[1], ARGV[1], #ARGV}")
      let answer = try await script.run(on: client, keys: [set], [7, 8])
      #expect(answer == .array([.bytes(Array(set.utf8)), .bytes([55]), .integer(2)]))
    }
  }

  @Test("An answer that is something else than was asked for is an error that names the command")
  func mismatch() async throws {
    try await RedisBench.run { bench in
      let key = bench.prefix + "s"
      try await bench.client.set(key, to: "texte")
      let number = await #expect(throws: RedisError.self) {
        try await bench.client.get(key, as: Int.self)
      }
      #expect(number?.code == .protocolViolation)
      #expect(number?.command == "GET")
      #expect(number?.description.contains("texte") == false)
      let wrong = await #expect(throws: RedisError.self) { try await bench.client.llen(key) }
      #expect(wrong?.server?.code == "WRONGTYPE")
    }
  }

  @Test("A scan finds every key, field and member, batch by batch")
  func scan() async throws {
    try await RedisBench.run { bench in
      let (client, key) = (bench.client, bench.prefix)
      let numbers = Set(0..<2500)
      let all = numbers.map { RedisCommand("SET", key + "key:\($0)", $0) }
      _ = try await client.pipeline(all)
      var keys: Set<String> = []
      for try await name in client.scan(matching: key + "key:*", type: "string") {
        keys.insert(name)
      }
      #expect(keys == Set(numbers.map { key + "key:\($0)" }))
      for number in numbers {
        async let hash = client.hset(key + "h", ["\(number)": number])
        async let set = client.sadd(key + "m", number)
        async let sorted = client.zadd(key + "z", ["\(number)": Double(number)])
        _ = try await (hash, set, sorted)
      }
      var fields: [String: Int] = [:]
      for try await (field, value) in client.hscan(key + "h", as: Int.self) {
        fields[field] = value
      }
      #expect(fields.count == 2500 && fields.allSatisfy { $0.key == "\($0.value)" })
      var members: Set<Int> = []
      for try await member in client.sscan(key + "m", as: Int.self) { members.insert(member) }
      #expect(members == numbers)
      var scores: [String: Double] = [:]
      for try await entry in client.zscan(key + "z", matching: "1*") {
        scores[entry.member] = entry.score
      }
      #expect(scores.count == numbers.count { "\($0)".hasPrefix("1") })
      #expect(scores["17"] == 17)
      for try await _ in client.sscan(key + "none") { Issue.record("found") }
    }
  }
}
