import SessionCore
import TestSupport
import Testing

@Suite("Two services on one conversation")
struct TwoServicesTests {
  /// Fails the test when a model is shown anything but what the archive holds up to the question.
  private static func checkingResponder(
    _ archive: any CompleteArchive, _ user: UserID
  ) -> ScriptedResponder {
    ScriptedResponder { prompt, answer in
      guard let question = prompt.messages.last else {
        Issue.record("an empty prompt")
        return ResponseSummary(state: .complete)
      }
      let held = try await archive.newestMessages(
        in: prompt.conversation, of: user, limit: 1000)
      let end = held.firstIndex { $0.id == question.id } ?? -1
      #expect(prompt.messages == Array(held[...end]), "asked \(question.content)")
      try await answer.write(.text("à \(question.content)"))
      return ResponseSummary(state: .complete)
    }
  }

  @Test("T4 In 300 random histories of both, no model sees what the archive does not hold")
  func randomHistories() async throws {
    for seed in 0..<UInt64(300) {
      let bench = try TwoServices(seed: seed, Self.checkingResponder)
      do {
        try await bench.run(operationCount: 40)
      } catch {
        Issue.record("seed \(seed): \(error)")
        return
      }
    }
  }

  @Test("T4 Turns of both at the same time see what the archive holds, and leave the tiers equal")
  func simultaneous() async throws {
    for seed in 0..<UInt64(20) {
      let bench = try TwoServices(seed: seed, Self.checkingResponder)
      try await withThrowingTaskGroup { group in
        for number in 0..<20 {
          let service = bench.services[number % 2]
          group.addTask {
            _ = try await service.ask("\(number)", in: bench.ids[0], as: bench.user)
          }
        }
        try await group.waitForAll()
      }
      let held = await bench.archive.newestMessages(in: bench.ids[0], of: bench.user, limit: 100)
      #expect(held.count == 40)
      let warm = try await bench.services[1].open(bench.ids[0], as: bench.user)
      #expect(warm == WarmSession(messages: held, messageCount: 40))
    }
  }
}

/// Two services, as two processes would be: one archive, one session store that can be away, and a
/// stand-in for it in each.
private final class TwoServices: Sendable {
  let archive = InMemoryArchive()
  let services: [ChatService]
  let user: UserID
  let ids: [ConversationID]
  private let plan = FaultPlan()
  private let time = ManualTime()
  private let random: Locked<RepeatableRandom>

  init(
    seed: UInt64, _ makeResponder: (any CompleteArchive, UserID) -> ScriptedResponder
  ) throws {
    let user = try UserID("Awa")
    self.user = user
    var random = RepeatableRandom(seed: seed)
    ids = (0..<3).map { _ in random.conversationID() }
    self.random = Locked(random)
    let limits = SessionLimits(sessionCountMax: 2, timeToLive: .seconds(100))
    let shared = FaultySessionStore(
      InMemorySessionStore(limits: limits, time: time), plan: plan)
    let responder = makeResponder(archive, user)
    let (archive, time) = (archive, time)
    services = (0..<2).map { _ in
      ChatService(
        sessions: FailoverSessionStore(shared, time: time), archive: archive,
        responder: responder, time: time)
    }
  }

  private func pick(_ count: Int) -> Int {
    random.withLock { Int.random(in: 0..<count, using: &$0) }
  }

  func run(operationCount: Int) async throws {
    for number in 0..<operationCount {
      let service = services[pick(2)]
      let id = ids[pick(ids.count)]
      switch pick(12) {
      case 0..<6: _ = try await service.ask("\(number)", in: id, as: user)
      case 6:
        do {
          try await service.open(id, as: user)
        } catch let error as ArchiveError where error.code == .notFound {
          // What the fast tier kept of a deleted conversation might be anybody's.
          #expect(await archive.newestMessages(in: id, of: user, limit: 1).isEmpty)
        }
      case 7:
        let held = await archive.newestMessages(in: id, of: user, limit: 1000)
        guard !held.isEmpty else { continue }
        _ = try await service.rewind(id, as: user, to: held[pick(held.count)].id)
      case 8:
        guard await archive.newestMessages(in: id, of: user, limit: 1).isEmpty == false else {
          continue
        }
        _ = try await service.delete(id, as: user)
      case 9: _ = try await service.sessions.close(id, in: .shared)
      case 10: plan.setDown(pick(2) == 0)
      default: time.advance(by: .seconds(pick(60)))
      }
    }
  }
}
