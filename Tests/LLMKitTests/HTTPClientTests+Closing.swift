import LLMKit
import SessionCore
import TestSupport
import Testing

extension HTTPClientTests {
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
