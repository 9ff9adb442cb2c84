import SessionCore
import TestSupport
import Testing

/// Counts, not times: a turn that takes a step more fails here, on any machine.
@Suite("Steps of a turn")
struct TurnCountTests {
  @Test("A turn in a warm conversation asks each tier twice, and for nothing else")
  func warmTurn() async throws {
    let bench = try ChatBench()
    try await bench.ask("Bonjour")
    let before = (bench.storePlan.calls.count, bench.archivePlan.calls.count)
    try await bench.ask("Et toi ?")
    #expect(bench.storePlan.calls.dropFirst(before.0) == ["append", "append"])
    #expect(bench.archivePlan.calls.dropFirst(before.1) == ["append", "append"])
  }

  @Test("The first turn of a conversation costs no step more than the later ones")
  func firstTurn() async throws {
    let bench = try ChatBench()
    try await bench.ask("Bonjour")
    #expect(bench.storePlan.calls == ["append", "append"])
    #expect(bench.archivePlan.calls == ["append", "append"])
  }
}
