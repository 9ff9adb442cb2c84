import FakeGemini
import RawClient
import SessionCore
import TestSupport
import Testing

@Suite("The server of the fakes", .timeLimit(.minutes(5)))
struct HTTPServerTests {
  private static let list = "GET /v1beta/models?key=test-key HTTP/1.1\r\nHost: x\r\n"

  private func connection(_ bench: GeminiBench) throws -> RawConnection {
    try RawConnection(port: bench.fake.port)
  }

  @Test("A connection serves one request after another, sent at once or not")
  func keepAlive() async throws {
    let bench = try await GeminiBench()
    let connection = try connection(bench)
    try await connection.send("\(Self.list)\r\n\(Self.list)\r\n")
    #expect(try await connection.response().status == 200)
    #expect(try await connection.response().status == 200)
    try await connection.send(GeminiBench.request(GeminiBench.target("gemini-2.5-flash")))
    #expect(try await connection.response().events().count == 5)
    try await connection.send("\(Self.list)Connection: close\r\n\r\n")
    let last = try await connection.response()
    #expect(last.header("Connection") == "close")
    #expect(try await connection.isAtEnd())
    #expect(bench.fake.journal.map(\.number) == [1, 2, 3, 4])
  }

  @Test("A request is the same in any two pieces")
  func split() async throws {
    let bench = try await GeminiBench()
    let connection = try connection(bench)
    let body = #"{"contents":[{"parts":[{"text":"é"}]}]}"#
    let bytes =
      Array(
        """
        POST /v1beta/models/gemini-2.5-flash:generateContent HTTP/1.1\r\nHost: x\r
        x-goog-api-key: test-key\r\nContent-Type: application/json\r
        Transfer-Encoding: chunked\r\n\r\nf\r
        """.utf8)
      + Array("\n\(body.prefix(15))\r\n19;a=b\r\n\(body.dropFirst(15))\r\n0\r\nT: 1\r\n\r\n".utf8)
    for cut in 1..<bytes.count {
      try await connection.send(Array(bytes[..<cut]))
      try await connection.send(Array(bytes[cut...]))
      let response = try await connection.response()
      #expect(response.status == 200, "cut \(cut): \(response.text)")
    }
    #expect(bench.fake.journal.allSatisfy { $0.text == body })
  }

  @Test("A client that waits for it is told to go on")
  func expectContinue() async throws {
    let bench = try await GeminiBench()
    let connection = try connection(bench)
    let request = GeminiBench.request(
      GeminiBench.target("gemini-2.5-flash"),
      headers: ["Content-Type: application/json", "Expect: 100-continue"])
    let end = request.count - GeminiBench.bonjour.utf8.count
    try await connection.send(Array(request[..<end]))
    #expect(try await connection.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
    try await connection.send(Array(request[end...]))
    #expect(try await connection.response().status == 200)
  }

  struct BadRequest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let status: Int

    init(_ description: String, _ text: String, _ status: Int) {
      (testDescription, self.text, self.status) = (description, text, status)
    }
  }

  private static let post = "POST / HTTP/1.1\r\nHost: x\r\n"
  private static let long = String(repeating: "a", count: 70_000)

  static let badRequests = [
    BadRequest("another version", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    BadRequest("no request line", "GARBAGE\r\n\r\n", 400),
    BadRequest("no host", "GET / HTTP/1.1\r\n\r\n", 400),
    BadRequest("no colon", "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
    BadRequest("a length with a letter", "\(post)Content-Length: 1x\r\n\r\n", 400),
    BadRequest("a negative length", "\(post)Content-Length: -1\r\n\r\n", 400),
    BadRequest("two lengths", "\(post)Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    BadRequest(
      "a length and chunks", "\(post)Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    BadRequest("another coding", "\(post)Transfer-Encoding: gzip\r\n\r\n", 400),
    BadRequest("a bad chunk size", "\(post)Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    BadRequest("a chunk too long", "\(post)Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400),
    BadRequest("a body too large", "\(post)Content-Length: 99999999999\r\n\r\n", 413),
    BadRequest("a head too long", "GET / HTTP/1.1\r\nHost: x\r\nA: \(long)\r\n\r\n", 431),
    BadRequest("a line too long", "GET / HTTP/1.1\r\nHost: x\r\nA: \(long)", 431),
  ]

  @Test("What is no HTTP/1.1 is refused, and the connection closed", arguments: badRequests)
  func refused(request: BadRequest) async throws {
    let bench = try await GeminiBench()
    let connection = try connection(bench)
    try await connection.send(request.text)
    let response = try await connection.response()
    #expect(response.status == request.status)
    #expect(response.header("Connection") == "close")
    #expect(try await connection.isAtEnd())
    #expect(bench.fake.journal.isEmpty)
  }

  @Test("HTTP/1.0 is answered, and the connection closed")
  func version10() async throws {
    let bench = try await GeminiBench()
    let connection = try connection(bench)
    try await connection.send("GET /v1beta/models?key=test-key HTTP/1.0\r\n\r\n")
    #expect(try await connection.response().status == 200)
    #expect(try await connection.isAtEnd())
  }

  @Test(
    "A client that reads slowly gets every byte, and one that never reads does not stop close()")
  func slowReader() async throws {
    let bench = try await GeminiBench()
    let piece = String(repeating: "é", count: 50_000)
    bench.fake.setAnswer { _ in Array(repeating: piece, count: 100) }
    let request = GeminiBench.request(GeminiBench.target("gemini-2.5-flash"))
    let connection = try connection(bench)
    try await connection.send(request)
    try await bench.fake.waitForRequests(1)
    let idle = try self.connection(bench)
    try await idle.send(request)
    try await bench.fake.waitForRequests(2)
    let text = try await connection.response().events().map(\.text).joined()
    #expect(text == String(repeating: piece, count: 100))
    await bench.fake.close()
    #expect(bench.fake.journal[1].serverClosed != nil)
  }

  @Test("Many clients at once are all answered")
  func manyClients() async throws {
    let bench = try await GeminiBench()
    try await withThrowingTaskGroup(of: String.self) { group in
      for number in 1...64 {
        group.addTask {
          let body = #"{"contents":[{"parts":[{"text":"\#(number)"}]}]}"#
          return try await bench.post(body).events().map(\.text).joined()
        }
      }
      var answers: Set<String> = []
      for try await answer in group { answers.insert(answer) }
      #expect(answers == Set((1...64).map { "Écho 1 : \($0)" }))
    }
    bench.fake.clearJournal()
    #expect(bench.fake.journal.isEmpty)
  }

  @Test("A port that is taken is an error; a free one can be asked for")
  func port() async throws {
    // Somebody else may take the port as soon as it is free: then another one is tried.
    for _ in 1...20 {
      let first = try await FakeGemini()
      await #expect(throws: SocketError.self) { try await FakeGemini(port: first.port) }
      await first.close()
      guard let second = try? await FakeGemini(port: first.port) else { continue }
      #expect(second.baseURL == "http://127.0.0.1:\(first.port)")
      return
    }
    Issue.record("no port stayed free between two servers")
  }

  @Test("The last reference to a fake ends it")
  func lastReference() async throws {
    var fake: FakeGemini? = try await FakeGemini()
    fake?.enqueue(.stall)
    let port = try #require(fake?.port)
    let connection = try RawConnection(port: port)
    try await connection.send(GeminiBench.request(GeminiBench.target("gemini-2.5-flash")))
    try await fake?.waitForStalls()
    fake = nil
    #expect(try await connection.response().isWhole == false)
  }
}
