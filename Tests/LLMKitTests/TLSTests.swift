import Foundation
import LLMKit
import SessionCore
import Testing

@Suite("TLS and proxies")
struct TLSTests {
  private func code(_ url: String, authority: String? = nil) async -> HTTPError.Code? {
    do {
      _ = try await HTTPClient().response(
        to: HTTPRequest(.get, url, certificateAuthorityFile: authority))
    } catch { return (error as? HTTPError)?.code }
    return nil
  }

  @Test("A server whose certificate nobody vouches for is refused, with it as authority it is not")
  func authority() async throws {
    let server = try await TLSServer.start()
    let url = "https://127.0.0.1:\(server.port)/"
    #expect(await code(url) == .insecure)
    #expect(await code(url, authority: server.certificateFile) == nil)
    #expect(await code(url, authority: "/nonexistent.pem") == .insecure)
    let other = try await TLSServer.start()
    #expect(await code(url, authority: other.certificateFile) == .insecure)
  }

  @Test("HTTP/2 is spoken with a server that offers it, and requests share one connection")
  func http2() async throws {
    // This server speaks nothing else: that it answers proves which of the two was spoken.
    let server = try await TLSServer.start(.http2)
    let url = "https://127.0.0.1:\(server.port)/echo"
    #expect(await code(url) == .insecure, "trust is the same matter on both")
    let client = HTTPClient(engine: try CurlEngine())
    let body = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    @Sendable func echo(_ body: [UInt8]) async throws {
      let request = HTTPRequest(
        .post, url, headers: [try .init("X-Key", Secret("k3y"))], body: body,
        certificateAuthorityFile: server.certificateFile)
      let response = try await client.response(to: request)
      #expect(response.head.status == 200)
      #expect(response.head["server"]?.hasPrefix("nghttpd") == true)
      #expect(response.body == body)
    }
    try await echo(body)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<8 { group.addTask { try await echo(Array("\(number)".utf8)) } }
      try await group.waitForAll()
    }
    let log = server.log
    #expect(log.contains("The negotiated protocol: h2"))
    // The refused handshake was the first connection.
    #expect(log.contains("[id=2]") && !log.contains("[id=3]"), "nine requests on one connection")
  }

  @Test("A certificate for another name is refused")
  func otherName() async throws {
    let server = try await TLSServer.start(name: "DNS:example.org")
    let url = "https://127.0.0.1:\(server.port)/"
    #expect(await code(url, authority: server.certificateFile) == .insecure)
  }

  @Test("A server that speaks no TLS is refused")
  func plain() async throws {
    let server = try RawServer { connection, _ in connection.respond(200, "plain") }
    #expect(await code("https://127.0.0.1:\(server.port)/") == .insecure)
  }

  @Test("The proxy of the environment is used, and told no key that is meant for the service")
  func proxy() async {
    await #expect(processExitsWith: .success) {
      let request = Locked("")
      let proxy = try RawServer { connection, _ in
        let text = connection.readRequest() ?? ""
        request.withLock { $0 = text }
        connection.respond(502, "")
      }
      setenv("https_proxy", proxy.baseURL, 1)
      setenv("HTTPS_PROXY", proxy.baseURL, 1)
      setenv("no_proxy", "", 1)
      let call = HTTPRequest(
        .get, "https://service.invalid/", headers: [try .init("x-goog-api-key", Secret("k3y"))])
      do {
        _ = try await HTTPClient().response(to: call)
        exit(1)
      } catch is HTTPError {}
      let seen = request.withLock { $0 }
      guard seen.hasPrefix("CONNECT service.invalid:443 "), !seen.contains("k3y") else { exit(2) }
    }
  }
}
