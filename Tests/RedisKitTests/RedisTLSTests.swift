import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite("Redis over TLS", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(1)))
struct RedisTLSTests {
  private func configuration(
    port: UInt16, trusting certificates: TestCertificates?
  ) throws -> RedisConfiguration {
    let authority = certificates.map { "?ca=\($0.authorityFile)" } ?? ""
    var configuration = try RedisConfiguration(url: "rediss://127.0.0.1:\(port)/1\(authority)")
    configuration.reconnectPauseMax = .milliseconds(4)
    return configuration
  }

  private func reason(_ configuration: RedisConfiguration) async -> String {
    let client = RedisClient(configuration)
    let error = await #expect(throws: RedisError.self) {
      try await client.send(RedisCommand("PING"))
    }
    #expect(error?.code == .connectFailed)
    #expect(error?.mayHaveActed == false)
    await client.close()
    return error?.reason ?? ""
  }

  @Test("Small and large values of many tasks pass, both ways")
  func values() async throws {
    let certificates = try await TestCertificates.make()
    let server = try await PrivateRedis(certificates.serverOptions(), speaksTLS: true)
    let client = RedisClient(try configuration(port: server.port, trusting: certificates))
    let large = [UInt8](repeating: 7, count: 5 << 20)
    try await withThrowingTaskGroup { group in
      for number in 0..<100 {
        group.addTask {
          let key = RedisArgument.text("key\(number)")
          let value = number % 25 == 0 ? large : Array("\(number)".utf8)
          _ = try await client.send(RedisCommand("SET", key, .bytes(value)))
          let reply = try await client.send(RedisCommand("GET", key))
          #expect(reply == .bytes(value))
        }
      }
      try await group.waitForAll()
    }
    await client.close()
    await server.kill()
  }

  @Test("P8 The session store keeps its contract over TLS")
  func contract() async throws {
    let certificates = try await TestCertificates.make()
    let server = try await PrivateRedis(certificates.serverOptions(), speaksTLS: true)
    let settings = try configuration(port: server.port, trusting: certificates)
    try await RedisBench.run(settings) { bench in
      for rule in SessionStoreContract.rules {
        try await rule.check { limits, time in bench.store(limits, clock: time) }
      }
    }
    await server.kill()
  }

  @Test("A certificate of an unknown authority or of another host is refused")
  func certificateChecks() async throws {
    let known = try await TestCertificates.make()
    let other = try await TestCertificates.make(for: "DNS:elsewhere.example")
    let server = try await PrivateRedis(known.serverOptions(), speaksTLS: true)
    for authority in [nil, other] {
      let reason = await reason(try configuration(port: server.port, trusting: authority))
      #expect(reason.contains("certificate"), "\(reason)")
    }
    await server.kill()
    let elsewhere = try await PrivateRedis(other.serverOptions(), speaksTLS: true)
    let wrongName = await reason(try configuration(port: elsewhere.port, trusting: other))
    #expect(wrongName.contains("127.0.0.1"), "\(wrongName)")
    await elsewhere.kill()
  }

  @Test("A server that asks for our certificate gets it")
  func ownCertificate() async throws {
    let certificates = try await TestCertificates.make()
    let server = try await PrivateRedis(
      certificates.serverOptions(asksForCertificates: true), speaksTLS: true)
    var settings = try configuration(port: server.port, trusting: certificates)
    _ = await reason(settings)
    settings.tls?.certificateFile = certificates.certificateFile
    settings.tls?.keyFile = certificates.keyFile
    let client = RedisClient(settings)
    #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
    await client.close()
    await server.kill()
  }

  @Test("A server without TLS and one that says nothing are given up at the connect deadline")
  func noTLS() async throws {
    let server = try await PrivateRedis()
    let proxy = try FaultProxy(targetPort: server.port)
    await proxy.set(.blackhole)
    for port in [server.port, proxy.port] {
      var settings = try configuration(port: port, trusting: nil)
      settings.connectTimeout = .milliseconds(200)
      _ = await reason(settings)
    }
    await proxy.close()
    await server.kill()
  }

  @Test("A connection that is cut anywhere is replaced, and a read is asked again")
  func cuts() async throws {
    let certificates = try await TestCertificates.make()
    let server = try await PrivateRedis(certificates.serverOptions(), speaksTLS: true)
    let proxy = try FaultProxy(targetPort: server.port)
    let client = RedisClient(try configuration(port: proxy.port, trusting: certificates))
    _ = try await client.send(RedisCommand("SET", "key", "Bonjour"))
    for direction in FaultProxy.Direction.allCases {
      for count in stride(from: 0, to: 60, by: 7) {
        // The cut is to meet the command, not the handshake that replaces the last one's connection.
        _ = try await client.send(RedisCommand("PING"))
        await proxy.set(.cut, after: count, bytes: direction)
        let reply = try await client.send(RedisCommand("GET", "key"))
        #expect(reply.string == "Bonjour")
        await proxy.set(.none)
      }
    }
    await client.close()
    await proxy.close()
    await server.kill()
  }

  @Test("What TLS cannot carry is a clear error")
  func misconfigured() async throws {
    var settings = RedisConfiguration(address: .unix(path: "/nowhere"))
    settings.tls = RedisConfiguration.TLS()
    let client = RedisClient(settings)
    let error = await #expect(throws: RedisError.self) {
      try await client.send(RedisCommand("PING"))
    }
    #expect(error?.code == .invalidConfiguration)
    await client.close()
    var missing = try configuration(port: 1, trusting: nil)
    missing.tls?.authorityFile = "/nowhere/ca.pem"
    _ = await reason(missing)
  }
}
