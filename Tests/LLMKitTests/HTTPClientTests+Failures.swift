import LLMKit
import SessionCore
import TestSupport
import Testing

extension HTTPClientTests {
  @Test("A response beyond the limit is broken off")
  func limit() async throws {
    let server = try RawServer { connection, _ in
      _ = connection.readRequest()
      connection.startStream()
      while connection.sendChunk([UInt8](repeating: 1, count: 4096)) {}
    }
    let request = HTTPRequest(.get, server.baseURL, responseByteCountMax: 100_000)
    #expect(await code { try await client.response(to: request) } == .tooLarge)
  }

  @Test("Headers without end are broken off")
  func headerLimit() async throws {
    let server = try RawServer { connection, _ in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 200 OK\r\n")
      while connection.send("X-Filler: \(String(repeating: "x", count: 1000))\r\n") {}
    }
    let error = await code { try await client.response(to: HTTPRequest(.get, server.baseURL)) }
    #expect(error == .tooLarge || error == .connectionLost)
  }

  @Test("A connection that ends in the middle is an error, by a close and by a reset")
  func cut() async throws {
    for resets in [false, true] {
      let server = try RawServer { connection, _ in
        _ = connection.readRequest()
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        if resets { connection.resetWhenClosed() }
      }
      let request = HTTPRequest(.get, server.baseURL)
      #expect(await code { try await client.response(to: request) } == .connectionLost)
    }
    let mute = try RawServer { connection, _ in _ = connection.readRequest() }
    #expect(
      await code { try await client.response(to: HTTPRequest(.get, mute.baseURL)) }
        == .connectionLost)
  }

  @Test("A redirect is an answer, and is not followed")
  func redirect() async throws {
    let server = try RawServer { connection, number in
      _ = connection.readRequest()
      connection.respond(number == 0 ? 302 : 200, "", headers: "Location: /elsewhere\r\n")
    }
    #expect(try await client.response(to: HTTPRequest(.get, server.baseURL)).head.status == 302)
  }

  @Test("What cannot be sent, or reaches nobody, says so")
  func unreachable() async throws {
    let refused = HTTPRequest(.get, GeminiBench.addressOfNobody)
    #expect(await code { try await client.response(to: refused) } == .unreachable)
    let nobody = HTTPRequest(.get, "http://nobody.invalid/")
    #expect(await code { try await client.response(to: nobody) } == .unreachable)
    for url in ["file:///etc/passwd", "ftp://127.0.0.1/", "http://", "gopher://x"] {
      #expect(
        await code { try await client.response(to: HTTPRequest(.get, url)) } == .invalidRequest,
        "\(url)")
    }
  }

  @Test(
    "A header cannot smuggle in another line", arguments: ["a\r\nb: c", "a\nb", "a\u{0}", "\u{7F}"])
  func headerInjection(value: String) {
    #expect(throws: HTTPError.self) { try HTTPRequest.Header("x", Secret(value)) }
  }
}
