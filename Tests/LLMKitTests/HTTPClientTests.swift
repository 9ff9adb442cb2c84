import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("HTTP")
struct HTTPClientTests {
  @Test("A streamed answer comes piece by piece, and as a whole")
  func streams() async throws {
    let server = try RawServer { connection, _ in
      _ = connection.readRequest()
      connection.startStream()
      let pieces = ["Bon", "jour", " à tous"].map {
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\($0)\"}]}}]}\r\n\r\n"
      }
      for piece in pieces { connection.sendChunk(Array(piece.utf8)) }
      connection.sendChunk(
        Array("data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\r\n\r\n".utf8))
      connection.sendChunk([])
    }
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(server.baseURL))
    let (text, _, result) = await GeminiBench.run(responder)
    #expect(text == "Bonjour à tous")
    #expect(try result.get().state == .complete)
  }
}
