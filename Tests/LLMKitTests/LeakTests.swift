import Foundation
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("Leaks")
struct LeakTests {
  // In a process of its own: other tests open descriptors meanwhile.
  @Test("T7 10,000 cancelled turns leave no descriptor open and no memory behind")
  func cancelledTurns() async {
    await #expect(processExitsWith: .success) {
      let before = try ProcessUsage.descriptorCount()
      var settled = 0
      do {
        let server = try RawServer { connection, _ in
          guard connection.readRequest() != nil else { return }
          connection.startStream()
          connection.sendChunk(
            Array("data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}\n\n".utf8))
          connection.waitForClose()
        }
        let engine = try CurlEngine()
        let responder = GeminiResponder(
          model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(server.baseURL),
          client: HTTPClient(engine: engine))
        for round in 0..<100 {
          try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
              group.addTask { try await Usage.cancelledTurn(responder, atOnce: number % 3 == 0) }
            }
            try await group.waitForAll()
          }
          if round == 20 { settled = ProcessUsage.residentByteCount() }
        }
        let grown = ProcessUsage.residentByteCount() - settled
        guard grown < 16 << 20 || ProcessUsage.isSanitized else {
          print("grown by \(grown) bytes")
          exit(2)
        }
        try await Usage.closed(engine)
      }
      // The server's threads close their ends when they see that ours are closed.
      let end = ContinuousClock.now + .seconds(20)
      var after = try ProcessUsage.descriptorCount()
      while after > before + 8, ContinuousClock.now < end {
        await Task.yield()
        after = try ProcessUsage.descriptorCount()
      }
      guard after <= before + 8 else {
        print("\(before) descriptors before, \(after) after")
        exit(3)
      }
    }
  }
}

/// What is done again and again.
private enum Usage {
  /// A turn that is cancelled before it begins, or when its first text has come.
  static func cancelledTurn(_ responder: GeminiResponder, atOnce: Bool) async throws {
    let task = Task {
      _ = try await responder.respond(to: GeminiBench.prompt("x")) { _ in
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    if atOnce { task.cancel() }
    do {
      try await task.value
      exit(4)
    } catch is CancellationError {}
  }

  static func closed(_ engine: CurlEngine) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      do {
        _ = try DedicatedThread {
          engine.closeAndJoin()
          done.resume()
        }
      } catch {
        done.resume(throwing: error)
      }
    }
  }
}
