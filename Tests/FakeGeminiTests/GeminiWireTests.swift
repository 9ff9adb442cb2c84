import FakeGemini
import RawClient
import SessionCore
import TestSupport
import Testing

@Suite("FakeGemini on the wire", .timeLimit(.minutes(5)))
struct GeminiWireTests {
  private static let plain = "Écho 1 : Bonjour à tous"

  private func text(_ response: RawResponse) throws -> String {
    try response.events().map(\.text).joined()
  }

  @Test("split-utf8: pieces end inside characters and between CR and LF")
  func splitUTF8() async throws {
    let response = try await GeminiBench().stream(.splitUTF8)
    #expect(response.pieces.contains { ($0.last ?? 0) >= 0xC0 })
    #expect(response.pieces.contains { $0.last == UInt8(ascii: "\r") })
    #expect(try text(response) == Self.plain)
  }

  @Test("Pieces of any size hold the same bytes", arguments: [1, 2, 3, 7, 64])
  func splitEvery(size: Int) async throws {
    let response = try await GeminiBench().stream(.ok.split(every: size))
    #expect(response.pieces.allSatisfy { $0.count <= size })
    #expect(try text(response) == Self.plain)
  }

  @Test("lf-only and cr-only: no other line end is in the body")
  func lineEnds() async throws {
    let bench = try await GeminiBench()
    let lineFeeds = try await bench.stream(.lfOnly)
    #expect(!lineFeeds.body.contains(UInt8(ascii: "\r")))
    #expect(lineFeeds.text.split(separator: "\n\n").count == 5)
    let returns = try await bench.stream(.crOnly)
    #expect(!returns.body.contains(UInt8(ascii: "\n")))
    #expect(returns.text.split(separator: "\r\r").count == 5)
  }

  @Test("no-space: nothing stands between the colon and the JSON")
  func noSpace() async throws {
    let response = try await GeminiBench().stream(.noSpace)
    #expect(response.text.hasPrefix("data:{"))
    #expect(!response.text.contains("data: "))
  }

  @Test("no-last-blank-line: the body ends with the last event's line")
  func noLastBlankLine() async throws {
    let response = try await GeminiBench().stream(.noLastBlankLine)
    #expect(response.text.hasSuffix("}\r\n") && !response.text.hasSuffix("\r\n\r\n"))
    #expect(try text(response) == Self.plain)
    #expect(response.isWhole)
  }

  @Test("bom, comments and multiline-data are events all the same")
  func otherForms() async throws {
    let bench = try await GeminiBench()
    #expect(try await bench.stream(.byteOrderMark).body.starts(with: [0xEF, 0xBB, 0xBF]))
    #expect(try await bench.stream(.comments).text.hasPrefix(": comment 0\r\n\r\nid: 0\r\ndata: "))
    let lines = try await bench.stream(.multilineData).text.split(separator: "\r\n")
    #expect(lines.count > 50 && lines.allSatisfy { $0.hasPrefix("data: ") })
  }

  @Test("cut: the body ends in good order, without a finish reason")
  func cut() async throws {
    let response = try await GeminiBench().stream(.cut.after(chunkCount: 2))
    #expect(response.isWhole)
    let events = try response.events()
    #expect(events.map(\.text) == ["Écho 1 : ", "Bonjo"])
    #expect(events.allSatisfy { $0.candidates?.first?.finishReason == nil })
  }

  @Test("cut-unclean: the connection ends, and the body does not say that it is over")
  func cutUnclean() async throws {
    let bench = try await GeminiBench()
    let response = try await bench.stream(.cutUnclean)
    #expect(!response.isWhole && !response.isReset)
    #expect(try response.events().map(\.text) == ["Écho 1 : "])
    #expect(try await bench.fake.waitForRequests().last?.serverClosed != nil)
  }

  @Test("reset: the connection is reset after so many bytes", arguments: [0, 1, 100, 500])
  func reset(byteCount: Int) async throws {
    let response = try await GeminiBench().stream(.reset(afterByteCount: byteCount))
    #expect(response.isReset && !response.isWhole)
    #expect(response.body.count == byteCount)
  }

  @Test(
    "error-mid-stream: status 200, text, and then the error in each of its forms",
    arguments: Scenario.ErrorForm.allCases)
  func errorMidStream(form: Scenario.ErrorForm) async throws {
    let response = try await GeminiBench().stream(.errorMidStream(form))
    #expect(response.status == 200 && response.isWhole)
    #expect(response.pieces.count == 2)
    var end = RawResponse()
    end.pieces = [response.pieces[1]]
    switch form {
    case .bare:
      #expect(end.text.hasPrefix("{\n  \"error\": {\n"))
      #expect(try end.error().status == "CANCELLED")
    case .dataLine:
      #expect(end.text.hasPrefix("data: {\"error\""))
      end.pieces = [Array(end.text.dropFirst("data: ".count).utf8)]
      #expect(try end.error().code == 499)
    case .array:
      #expect(try end.decode(as: [ErrorDocument].self).first?.error.code == 499)
    }
  }

  @Test("error-mid-stream can be any refusal")
  func otherErrorMidStream() async throws {
    let response = try await GeminiBench().stream(.errorMidStream(.dataLine, as: .overloaded))
    #expect(response.text.contains(#""code":503"#))
  }

  @Test("stall: silence between two chunks until the test releases it")
  func stall() async throws {
    let bench = try await GeminiBench()
    bench.fake.enqueue(.stall)
    let connection = try RawConnection(port: bench.fake.port)
    try await connection.send(GeminiBench.request(GeminiBench.target("gemini-2.5-flash")))
    let begin = try await connection.read(through: "\r\n\r\n\r\n")
    #expect(begin.contains("Écho 1 : ") && !begin.contains("Bonjo"))
    try await bench.fake.waitForStalls()
    bench.fake.releaseStalls()
    #expect(try await connection.read(through: "\r\n0\r\n\r\n").contains("STOP"))
    #expect(try await bench.fake.waitForAnswers().count == 1)
  }

  @Test("slow-first-byte: not even the head comes before the release")
  func slowFirstByte() async throws {
    let bench = try await GeminiBench()
    bench.fake.enqueue(.slowFirstByte)
    let connection = try RawConnection(port: bench.fake.port)
    try await connection.send(GeminiBench.request(GeminiBench.target("gemini-2.5-flash")))
    try await bench.fake.waitForStalls()
    #expect(bench.fake.journal.first?.status == nil)
    bench.fake.releaseStalls()
    #expect(try await connection.response().isWhole)
  }

  @Test("A silence can end by itself")
  func timedStall() async throws {
    let response = try await GeminiBench().stream(.stall.holding(for: .milliseconds(1)))
    #expect(try text(response) == Self.plain)
  }

  @Test("The journal tells when a client closes in the middle of an answer")
  func clientClose() async throws {
    let bench = try await GeminiBench()
    bench.fake.enqueue(.stall)
    let connection = try RawConnection(port: bench.fake.port)
    try await connection.send(GeminiBench.request(GeminiBench.target("gemini-2.5-flash")))
    try await bench.fake.waitForStalls()
    #expect(bench.fake.journal.first?.isOver == false)
    connection.close()
    let closed = try await bench.fake.waitForClientClose()
    #expect(closed.count == 1 && closed[0].answered == nil)
    #expect(closed[0].status == 200)
  }

  @Test("A reply of the test's own goes out as it is")
  func ownReply() async throws {
    let reply = HTTPReply(
      status: 418, headers: [HTTPHeader("X-Test", "1")], chunks: [.send([65]), .cut])
    let response = try await GeminiBench().stream(.reply(reply))
    #expect(response.status == 418 && response.text == "A" && !response.isWhole)
    #expect(response.header("x-test") == "1")
  }

  @Test("close() ends what is under way and closes the port")
  func close() async throws {
    let bench = try await GeminiBench()
    bench.fake.enqueue(.stall)
    let connection = try RawConnection(port: bench.fake.port)
    try await connection.send(GeminiBench.request(GeminiBench.target("gemini-2.5-flash")))
    try await bench.fake.waitForStalls()
    await bench.fake.close()
    #expect(try await connection.response().isWhole == false)
    #expect(bench.fake.journal.first?.serverClosed != nil)
    #expect(throws: RawError.self) { try RawConnection(port: bench.fake.port) }
  }

  @Test("A wait for what does not come ends with the task that waits")
  func cancelledWait() async throws {
    let bench = try await GeminiBench()
    let fake = bench.fake
    let wait = Task { try await fake.waitForRequests(5) }
    wait.cancel()
    await #expect(throws: CancellationError.self) { try await wait.value }
  }
}
