import SessionCore
import TestSupport
import Testing

@Suite("Whose conversation it is while the archive is away")
struct ArchiveAwayOwnerTests {
  @Test("A1 A warm conversation of another user stays closed, in its own process and in others")
  func foreign() async throws {
    let bench = try ChatBench(journaling: true)
    try await bench.ask("secret")
    bench.archivePlan.setDown(true)
    let stranger = try UserID("Bineta")
    let known = await #expect(throws: ArchiveError.self) {
      _ = try await bench.service.ask("et moi ?", in: bench.conversation, as: stranger)
    }
    #expect(known?.code == .notFound)
    let other = try bench.another()
    for user in [stranger, bench.user] {
      let unknown = await #expect(throws: ArchiveError.self) {
        _ = try await other.ask("et moi ?", in: bench.conversation, as: user)
      }
      #expect(unknown?.code == .unavailable, "a process that has not seen it cannot tell")
      #expect(unknown?.reason.contains("not known whose") == true)
    }
    #expect(bench.responder.prompts.count == 1)
    #expect(bench.service.statistics.journalDepth == 0)
  }

  @Test("A1 A claim made while the archive is away gives way to what the archive says")
  func falseClaim() async throws {
    let bench = try ChatBench(journaling: true)
    try await bench.ask("secret")
    _ = try await bench.store.close(bench.conversation, in: .shared)
    bench.archivePlan.setDown(true)
    // In a process that knows nothing, a stranger speaks in a conversation that is not theirs.
    let other = try bench.another()
    let stranger = try UserID("Bineta")
    _ = try await other.ask("à moi", in: bench.conversation, as: stranger)
    #expect(bench.prompt(1) == ["user: à moi"])
    bench.archivePlan.setDown(false)
    bench.time.advance(by: .seconds(60))
    let events = try await bench.told {
      _ = try await other.ask("deux", in: bench.conversation, as: bench.user)
    }
    let flushes = events.compactMap {
      if case .journalFlushed(let flush) = $0 { flush } else { nil }
    }
    #expect(flushes.map(\.rejections.count) == [2], "the archive refuses what the stranger said")
    #expect(bench.prompt(2) == ["user: secret", "assistant: Bonjour", "user: deux"])
    bench.archivePlan.setDown(true)
    let error = await #expect(throws: ArchiveError.self) {
      _ = try await other.ask("encore", in: bench.conversation, as: stranger)
    }
    #expect(error?.code == .notFound)
  }

  @Test("T6 In a scope of the user's own, a warm conversation goes on in any process")
  func perUser() async throws {
    let bench = try ChatBench(scoping: .perUser, journaling: true)
    try await bench.ask("un")
    bench.archivePlan.setDown(true)
    let other = try bench.another()
    _ = try await other.ask("deux", in: bench.conversation, as: bench.user)
    #expect(bench.prompt(1) == ["user: un", "assistant: Bonjour", "user: deux"])
  }
}
