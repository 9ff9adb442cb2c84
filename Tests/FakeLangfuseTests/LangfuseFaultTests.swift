import FakeLangfuse
import RawClient
import TestSupport
import Testing

@Suite("FakeLangfuse fails as it is told", .timeLimit(.minutes(5)))
struct LangfuseFaultTests {
  private static let batch = LangfuseBench.batch(LangfuseBench.span())

  @Test("rate-limited: 429 with Retry-After: 2, its limits in headers and body")
  func rateLimited() async throws {
    let bench = try await LangfuseBench()
    bench.fake.enqueue(.rateLimited)
    let response = try await bench.export(Self.batch)
    #expect(response.status == 429)
    #expect(response.header("Retry-After") == "2")
    #expect(response.header("X-RateLimit-Limit") == "1000")
    #expect(response.header("X-RateLimit-Remaining") == "0")
    #expect(response.header("X-RateLimit-Reset") != nil)
    #expect(response.text.contains(#""retryAfterSeconds":2"#))
    #expect(bench.fake.spans.isEmpty)
  }

  @Test("Three times 503, and then it is well again")
  func unavailable() async throws {
    let bench = try await LangfuseBench()
    bench.fake.enqueue(.unavailable, .unavailable, .unavailable)
    for _ in 1...3 {
      let response = try await bench.export(Self.batch)
      #expect(response.status == 503)
      #expect(try response.decode(as: Message.self).message == "Internal Server Error")
    }
    #expect(bench.fake.queuedCount == 0)
    #expect(try await bench.export(Self.batch).status == 200)
    #expect(bench.fake.spans.count == 1)
  }

  @Test(
    "Faults by name",
    arguments: [
      ("status-500", 500), ("status-502", 502), ("status-504", 504), ("status-408", 408),
      ("too-large", 413), ("suspended", 403), ("wrong-host", 401),
    ])
  func byName(name: String, status: Int) async throws {
    let bench = try await LangfuseBench()
    let fault: LangfuseFault = try #require(LangfuseFault(name: name))
    bench.fake.set(fault)
    #expect(try await bench.export(Self.batch).status == status)
    #expect(try await bench.export(Self.batch).status == status)
    bench.fake.set(nil)
    #expect(try await bench.export(Self.batch).status == 200)
  }

  @Test("Every fault has a name of its own")
  func names() {
    #expect(Set(LangfuseFault.all.map(\.name)).count == LangfuseFault.all.count)
    #expect(LangfuseFault.all.allSatisfy { LangfuseFault(name: $0.name) == $0 })
    #expect(LangfuseFault(name: "none") == nil)
  }

  @Test("A fault is for one interface, and wrong credentials use none up")
  func perCall() async throws {
    let bench = try await LangfuseBench()
    bench.fake.enqueue(.suspended, for: .scores)
    #expect(try await bench.export(Self.batch).status == 200)
    #expect(try await bench.send("POST", LangfuseBench.scores, [], headers: []).status == 401)
    #expect(try await bench.score("{}").status == 403)
  }

  @Test("hang: nothing comes until the client leaves, or the test lets it go on")
  func hang() async throws {
    let bench = try await LangfuseBench()
    bench.fake.set(.hang)
    let request = Array(
      "POST \(LangfuseBench.traces) HTTP/1.1\r\nHost: x\r\n\(LangfuseBench.basic())\r\n\r\n".utf8)
    let leaving = try RawConnection(port: bench.fake.port)
    try await leaving.send(request)
    try await bench.fake.waitForStalls()
    leaving.close()
    #expect(try await bench.fake.waitForClientClose().first?.status == nil)
    let patient = try RawConnection(port: bench.fake.port)
    try await patient.send(request)
    try await bench.fake.waitForStalls()
    bench.fake.releaseStalls()
    #expect(try await patient.response().status == 503)
  }

  @Test("cut and reset: the connection ends without an answer", arguments: ["cut", "reset"])
  func noAnswer(name: String) async throws {
    let bench = try await LangfuseBench()
    bench.fake.enqueue(try #require(LangfuseFault(name: name)))
    await #expect(throws: RawError.self) { try await bench.export(Self.batch) }
    #expect(try await bench.export(Self.batch).status == 200)
  }

  @Test("Closed, it refuses connections and keeps what it has; it can listen again")
  func refused() async throws {
    let bench = try await LangfuseBench()
    _ = try await bench.export(Self.batch)
    await bench.fake.close()
    #expect(throws: RawError.self) { try RawConnection(port: bench.fake.port) }
    #expect(bench.fake.spans.count == 1)
    try bench.fake.reopen()
    #expect(try await bench.export(Self.batch).status == 200)
    #expect(bench.fake.spans.count == 2 && bench.fake.journal.count == 2)
  }
}
