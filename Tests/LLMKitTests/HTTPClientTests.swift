import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("HTTP")
struct HTTPClientTests {
  let client = HTTPClient()

  func code<Value>(_ body: () async throws -> Value) async -> HTTPError.Code? {
    do { _ = try await body() } catch { return (error as? HTTPError)?.code }
    return nil
  }

  /// Lets time pass on the engine: a request that nobody answers ends after `duration`.
  private func letPass(_ duration: Duration) async throws {
    let silent = try RawServer { connection, _ in connection.waitForClose() }
    let request = HTTPRequest(
      .get, silent.baseURL, deadlines: HTTPDeadlines(firstByte: duration))
    #expect(await code { try await client.response(to: request) } == .timedOut)
  }

  @Test("A request arrives as it was made, without waiting for leave to send its body")
  func sends() async throws {
    let server = try RawServer { connection, _ in
      let request = connection.readRequest() ?? ""
      let head = request.prefix { $0 != "\r\n" } + " "
      let hasExpect = request.lowercased().contains("expect:")
      let sentKey = request.contains("X-Key: s3cret\r\n")
      connection.respond(201, "\(head)\(hasExpect) \(sentKey) \(request.suffix(3))")
    }
    let body = [UInt8](repeating: UInt8(ascii: "b"), count: 3 << 20) + Array("end".utf8)
    let response = try await client.response(
      to: HTTPRequest(
        .post, server.baseURL + "/a?b=c", headers: [try .init("X-Key", Secret("s3cret"))],
        body: body))
    #expect(response.head.status == 201)
    #expect(
      String(decoding: response.body, as: UTF8.self).hasPrefix("POST /a?b=c HTTP/1.1 false true"))
    #expect(response.body.suffix(3) == Array("end".utf8)[...])
  }

  @Test("Heads that come before the answer are passed over, and header names have no case")
  func heads() async throws {
    let server = try RawServer { connection, _ in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 103 Early Hints\r\nX: early\r\n\r\n")
      connection.respond(429, "{}", headers: "Retry-AFTER:  7\r\nX: a:b\r\n")
    }
    let response = try await client.response(to: HTTPRequest(.get, server.baseURL))
    #expect(response.head.status == 429)
    #expect(response.head["retry-after"] == "7")
    #expect(response.head["x"] == "a:b")
    #expect(response.head["y"] == nil)
  }

  @Test("Requests one after the other share a connection")
  func reuse() async throws {
    let connections = Locked(0)
    let server = try RawServer { connection, _ in
      connections.withLock { $0 += 1 }
      while connection.readRequest() != nil { connection.respond(200, "ok") }
    }
    let engine = try CurlEngine()
    let client = HTTPClient(engine: engine)
    for _ in 0..<5 {
      #expect(try await client.response(to: HTTPRequest(.get, server.baseURL)).body.count == 2)
    }
    #expect(connections.withLock { $0 } == 1)
  }

  @Test("A server that does not answer in time is an error, and says which time")
  func firstByte() async throws {
    let server = try RawServer { connection, _ in connection.waitForClose() }
    let request = HTTPRequest(
      .get, server.baseURL, deadlines: HTTPDeadlines(firstByte: .milliseconds(80)))
    do {
      _ = try await client.response(to: request)
      Issue.record("no error")
    } catch let error as HTTPError {
      #expect(error.code == .timedOut)
      #expect(error.reason == "the server did not answer within 0.08 seconds")
    }
  }

  @Test("A server that falls silent in the middle is an error, after what it sent")
  func betweenBytes() async throws {
    let server = try RawServer { connection, _ in
      _ = connection.readRequest()
      // In one piece: what comes between two is what is measured.
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst")
      connection.waitForClose()
    }
    let request = HTTPRequest(
      .get, server.baseURL, deadlines: HTTPDeadlines(betweenBytes: .milliseconds(80)))
    let read = Locked<[UInt8]>([])
    let code = await code {
      try await client.withResponse(to: request) { response in
        var bytes: [UInt8] = []
        while try await response.next(into: &bytes) {
          let piece = bytes
          read.withLock { $0 += piece }
        }
      }
    }
    #expect(code == .timedOut)
    #expect(read.withLock { $0 } == Array("first".utf8))
  }

  @Test("The whole exchange and the handshake have deadlines too")
  func otherDeadlines() async throws {
    let server = try RawServer { connection, _ in connection.waitForClose() }
    let total = HTTPRequest(
      .get, server.baseURL, deadlines: HTTPDeadlines(total: .milliseconds(80)))
    #expect(await code { try await client.response(to: total) } == .timedOut)
    let handshake = HTTPRequest(
      .get, "https://127.0.0.1:\(server.port)",
      deadlines: HTTPDeadlines(connect: .milliseconds(80)))
    #expect(await code { try await client.response(to: handshake) } == .timedOut)
  }

  @Test("A slow reader slows the server down, and is no silence of the server's")
  func backPressure() async throws {
    let count = 48 << 20
    let sent = Locked(0)
    let server = try RawServer { connection, _ in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\n")
      let piece = [UInt8](repeating: 7, count: 1 << 16)
      for _ in 0..<(count / piece.count) {
        guard connection.send(piece) else { return }
        sent.withLock { $0 += piece.count }
      }
    }
    let request = HTTPRequest(
      .get, server.baseURL, deadlines: HTTPDeadlines(betweenBytes: .seconds(2)))
    try await client.withResponse(to: request) { response in
      var bytes: [UInt8] = []
      var read = 0
      #expect(try await response.next(into: &bytes))
      read += bytes.count
      try await letPass(.seconds(3))
      #expect(sent.withLock { $0 } < count / 2, "the rest waits on the server's side")
      while try await response.next(into: &bytes) {
        read += bytes.count
        #expect(bytes.count <= 1 << 20)
      }
      #expect(read == count)
    }
  }

  @Test("T7 Cancelling closes the connection within 100 ms, before, during and after the head")
  func cancel() async throws {
    // The fastest of several, for a busy machine can hold up any one.
    var fastest = Duration.seconds(60)
    for phase in [0, 1, 2, 0, 1, 2] {
      let reached = Gate()
      let closed = Gate()
      let closedAt = Locked<ContinuousClock.Instant?>(nil)
      let server = try RawServer { connection, _ in
        _ = connection.readRequest()
        if phase > 0 { connection.startStream() }
        if phase > 1 { connection.sendChunk([1, 2, 3]) }
        reached.open()
        connection.waitForClose()
        closedAt.withLock { $0 = .now }
        closed.open()
      }
      let task = Task {
        try await client.withResponse(to: HTTPRequest(.get, server.baseURL)) { response in
          var bytes: [UInt8] = []
          while try await response.next(into: &bytes) {}
        }
      }
      try await reached.pass()
      let start = ContinuousClock.now
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      try await closed.pass()
      fastest = min(fastest, try #require(closedAt.withLock { $0 }) - start)
    }
    #expect(fastest < .milliseconds(100))
  }

  @Test("A reader that leaves early closes the connection, and its error passes through")
  func leaves() async throws {
    struct Enough: Error {}
    let closed = Gate()
    let server = try RawServer { connection, _ in
      _ = connection.readRequest()
      connection.startStream()
      connection.sendChunk([1])
      connection.waitForClose()
      closed.open()
    }
    await #expect(throws: Enough.self) {
      try await client.withResponse(to: HTTPRequest(.get, server.baseURL)) { _ in throw Enough() }
    }
    try await closed.pass()
  }

  @Test("A cancelled task sends nothing")
  func cancelledBefore() async throws {
    let connections = Locked(0)
    let server = try RawServer { _, _ in connections.withLock { $0 += 1 } }
    let client = client
    let url = server.baseURL
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      _ = try await client.response(to: HTTPRequest(.get, url))
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(connections.withLock { $0 } == 0)
  }

  @Test("A closed engine refuses work and ends what runs")
  func closedEngine() async throws {
    let engine = try CurlEngine()
    let client = HTTPClient(engine: engine)
    let reached = Gate()
    let server = try RawServer { connection, _ in
      _ = connection.readRequest()
      reached.open()
      connection.waitForClose()
    }
    let request = HTTPRequest(.get, server.baseURL)
    let task = Task { try await client.response(to: request) }
    try await reached.pass()
    await withCheckedContinuation { done in
      let thread = try? DedicatedThread {
        engine.closeAndJoin()
        done.resume()
      }
      if thread == nil { done.resume() }
    }
    #expect(await code { try await task.value } == .outOfResources)
    #expect(await code { try await client.response(to: request) } == .outOfResources)
  }
}
