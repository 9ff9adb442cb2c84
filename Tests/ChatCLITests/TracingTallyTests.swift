import TestSupport
import Testing

@testable import LLMKit
@testable import chat_cli

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("The tally of what was traced")
struct TracingTallyTests {
  @Test("Runs that write at the same time lose nothing, and the file stays small")
  func concurrent() async throws {
    let directory = try TemporaryDirectory()
    let environment = ["XDG_STATE_HOME": directory.path]
    let writerCount = 4
    let runCount = 400
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<writerCount {
        group.addTask {
          var statistics = TracingStatistics()
          statistics.sentCount = 2
          statistics.droppedCount = 1
          statistics.lastProblem = String(repeating: "no ", count: 50)
          for _ in 0..<runCount { TracingTally(environment: environment)?.add(statistics) }
        }
      }
    }
    let total = try #require(TracingTally(environment: environment)?.total)
    #expect(total.sent == 2 * writerCount * runCount)
    #expect(total.dropped == writerCount * runCount)
    let path = directory.path + "/chat-cli/tracing"
    let byteCount = FileManager.default.contents(atPath: path)?.count ?? 0
    #expect(byteCount > 0 && byteCount < 70_000, "\(byteCount)")
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/chat-cli")
    #expect(names == ["tracing"], "nothing is left beside it")
  }
}
