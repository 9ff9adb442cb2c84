import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite("Messages as a sequence", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct RedisSubscriptionTests {
  @Test("What is published after it began comes in order, by channel and by pattern")
  func messages() async throws {
    try await RedisBench.run { bench in
      let channel = bench.prefix + "news"
      let subscription = try await bench.client.subscribe(
        to: [channel, channel], patterns: [bench.prefix + "user:*"])
      for number in 0..<3000 { try await bench.client.publish(number, to: channel) }
      try await bench.client.publish([0xFF, 0] as [UInt8], to: bench.prefix + "user:5")
      var heard: [RedisMessage] = []
      for await case .message(let message) in subscription {
        heard.append(message)
        if message.pattern != nil { break }
      }
      #expect(heard.dropLast().map(\.text) == (0..<3000).map(String.init))
      #expect(heard.allSatisfy { $0.pattern == nil ? $0.channel == channel : true })
      #expect(heard.last?.payload == [0xFF, 0])
      #expect(heard.last?.pattern == bench.prefix + "user:*")
      #expect(heard.last?.channel == bench.prefix + "user:5")
    }
  }

  @Test("Across a crash of the server it says that there was a gap, and loses nothing after it")
  func crash() async throws {
    let server = try await PrivateRedis()
    let client = RedisClient(server.configuration)
    let subscription = try await client.subscribe(to: ["c"])
    var events = subscription.makeAsyncIterator()
    for round in 1...3 {
      try await client.publish("before \(round)", to: "c")
      guard case .message(let before)? = await events.next() else {
        Issue.record("no message")
        return
      }
      #expect(before.text == "before \(round)")
      await server.kill()
      try await server.restart()
      #expect(await events.next() == .gap)
      let publisher = RedisClient(server.configuration)
      for number in 0..<500 { try await publisher.publish(number, to: "c") }
      await publisher.close()
      for number in 0..<500 {
        guard case .message(let message)? = await events.next() else {
          Issue.record("no message")
          return
        }
        #expect(message.text == "\(number)")
      }
      while (try? await client.ping()) == nil { await Task.yield() }
    }
    await client.close()
    await server.kill()
  }

  @Test("A reader that is slow keeps no more in memory than the limit, and misses nothing")
  func slowReader() async throws {
    try await RedisBench.run { bench in
      let subscription = try await bench.client.subscribe(to: [bench.prefix + "c"])
      let text = String(repeating: "x", count: 200)
      for number in 0..<20_000 {
        try await bench.client.publish("\(number) \(text)", to: bench.prefix + "c")
      }
      #expect(subscription.listener.waitingCount <= 1100)
      var count = 0
      for await event in subscription {
        guard case .message(let message) = event else {
          Issue.record("\(event)")
          break
        }
        #expect(message.text.hasPrefix("\(count) "))
        count += 1
        if count == 20_000 { break }
      }
      #expect(count == 20_000)
    }
  }

  @Test("Cancelling ends the loop, and letting go of it ends the connection")
  func end() async throws {
    try await RedisBench.run { bench in
      let channel = bench.prefix + "c"
      let task = Task {
        let subscription = try await bench.client.subscribe(to: [channel])
        var count = 0
        for await _ in subscription { count += 1 }
        return count
      }
      func listeners() async throws -> Int {
        let reply = try await bench.client.send(RedisCommand("PUBSUB", "NUMSUB", .text(channel)))
        return Int(reply.array?.last?.integer ?? -1)
      }
      while try await listeners() != 1 {}
      task.cancel()
      #expect(try await task.value == 0)
      while try await listeners() != 0 {}
    }
  }

  @Test("Closing the client ends the sequence, after what has come")
  func closed() async throws {
    try await RedisBench.run { bench in
      let client = RedisClient(bench.client.configuration)
      let subscription = try await client.subscribe(to: [bench.prefix + "c"])
      try await bench.client.publish("last", to: bench.prefix + "c")
      while subscription.listener.waitingCount == 0 { await Task.yield() }
      await client.close()
      var heard: [String] = []
      for await case .message(let message) in subscription { heard.append(message.text) }
      #expect(heard == ["last"])
      let error = await #expect(throws: RedisError.self) { try await client.subscribe(to: ["c"]) }
      #expect(error?.code == .closed)
    }
  }

  @Test("A server that is away, or a user who may not listen, is an error of the beginning")
  func refused() async throws {
    let away = RedisClient(RedisConfiguration(address: .tcp(host: "127.0.0.1", port: 1)))
    let error = await #expect(throws: RedisError.self) { try await away.subscribe(to: ["c"]) }
    #expect(error?.code == .connectFailed)
    await #expect(throws: RedisError.self) { try await away.subscribe() }
    await away.close()
    let server = try await PrivateRedis([
      "--user", "awa", "on", ">geheim", "~*", "+@all", "resetchannels", "&mine",
    ])
    var configuration = server.configuration
    (configuration.user, configuration.password) = ("awa", Secret("geheim"))
    let client = RedisClient(configuration)
    let refusal = await #expect(throws: RedisError.self) {
      try await client.subscribe(to: ["other"])
    }
    #expect(refusal?.server?.code == "NOPERM")
    _ = try await client.subscribe(to: ["mine"])
    await client.close()
    await server.kill()
  }
}
