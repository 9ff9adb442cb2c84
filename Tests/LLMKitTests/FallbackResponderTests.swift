import FakeGemini
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("A chain of responders")
struct FallbackResponderTests {
  @Test("The first model that answers, answers, and nobody else is asked")
  func first() async throws {
    let chain = try await Chain()
    let (_, notices, result) = await GeminiBench.run(chain.responder)
    #expect(try result.get().state == .complete)
    #expect(notices.isEmpty)
    #expect(chain.asked == ["gemini-2.5-flash"])
    await chain.fake.close()
  }

  @Test(
    "R2 A refusal goes on to the next model at once and without a wait",
    arguments: [
      Scenario.quotaDay, .quotaMinute, .quotaBare, .quotaLimit0, .overloaded, .internal, .gone,
      .capacity, .deadline, .cut.after(chunkCount: 0), .badGatewayHTML,
    ])
  func next(scenario: Scenario) async throws {
    let chain = try await Chain()
    chain.fake.set(scenario, for: Chain.models[0])
    let (text, notices, result) = await GeminiBench.run(chain.responder)
    #expect(try result.get().model == Chain.models[1])
    #expect(!text.isEmpty)
    #expect(notices.map(\.from) == [Chain.models[0]])
    #expect(chain.waits.withLock { $0 }.isEmpty)
    #expect(chain.asked == Chain.models)
    await chain.fake.close()
  }

  @Test("R1 When no model answers the local answer does, marked, and each reason is told once")
  func local() async throws {
    let chain = try await Chain()
    chain.fake.set(.quotaDay)
    let (text, notices, result) = await GeminiBench.run(
      chain.responder, GeminiBench.prompt("Qui a écrit « Une si longue lettre » ?"))
    #expect(try result.get().state == .fallback)
    #expect(text.contains("Aucun modèle n'a pu répondre"))
    #expect(text.contains("Une si longue lettre"))
    #expect(notices.map(\.from) == Chain.models)
    #expect(notices.allSatisfy { $0.error.code == .quotaExhausted })
    await chain.fake.close()
  }

  @Test("A model that is closed for the day gets no further request until Pacific midnight")
  func closed() async throws {
    let chain = try await Chain()
    chain.fake.set(.quotaDay)
    for _ in 0..<4 {
      #expect(try await GeminiBench.run(chain.responder).result.get().state == .fallback)
    }
    #expect(chain.asked == Chain.models)
    let midnight = PacificTime.nextMidnight(after: chain.time.now())
    let service = ModelService(baseURL: chain.fake.baseURL, key: Secret("test-key"))
    let names = Chain.models.map { service.recordName(of: $0) }
    let closed = await chain.availability.closedModels(among: names)
    #expect(closed == [names[0]: midnight, names[1]: midnight])
    chain.fake.set(.ok)
    chain.time.advance(by: midnight - chain.time.now() + .milliseconds(1))
    #expect(try await GeminiBench.run(chain.responder).result.get().state == .complete)
    await chain.fake.close()
  }

  @Test("A model that is closed for a while is asked again afterwards, and not before")
  func closedForAWhile() async throws {
    let chain = try await Chain()
    chain.fake.enqueue(.quotaMinute.retrying(in: "30s"), for: Chain.models[0])
    for seconds in [0, 29, 2] {
      chain.time.advance(by: .seconds(seconds))
      #expect(await GeminiBench.run(chain.responder).result.code == nil)
    }
    #expect(chain.asked == [Chain.models[0], Chain.models[1], Chain.models[1], Chain.models[0]])
    await chain.fake.close()
  }

  @Test("When a closing ends one turn finds out, and the others go on to the next model meanwhile")
  func oneProbe() async throws {
    let chain = try await Chain()
    chain.fake.enqueue(.quotaMinute.retrying(in: "30s"), .slowFirstByte, for: Chain.models[0])
    _ = await GeminiBench.run(chain.responder)
    chain.time.advance(by: .seconds(31))
    let responder = chain.responder
    let probe = Task { await GeminiBench.run(responder).result }
    try await chain.fake.waitForStalls()
    #expect(try await GeminiBench.run(responder).result.get().model == Chain.models[1])
    chain.fake.releaseStalls()
    #expect(try await probe.value.get().model == Chain.models[0])
    #expect(try await GeminiBench.run(responder).result.get().model == Chain.models[0])
    await chain.fake.close()
  }

  @Test("A model that is gone, or not on this plan, is not asked again")
  func gone() async throws {
    for scenario in [Scenario.gone, .goneNewUsers, .quotaLimit0] {
      let chain = try await Chain()
      chain.fake.set(scenario, for: Chain.models[0])
      for _ in 0..<3 { _ = await GeminiBench.run(chain.responder) }
      #expect(chain.asked == [Chain.models[0]] + Array(repeating: Chain.models[1], count: 3))
      await chain.fake.close()
    }
  }

  @Test("A key that is refused leaves out the other models of that key, and no others")
  func credentials() async throws {
    let chain = try await Chain(
      ["gemini-2.5-flash", "gemini-2.5-pro", "gemini-3.5-flash"],
      keys: ["wrong", "wrong", "test-key"])
    let (_, notices, result) = await GeminiBench.run(chain.responder)
    #expect(try result.get().model == "gemini-3.5-flash")
    #expect(notices.map(\.error.code) == [.credentials])
    #expect(chain.asked == ["gemini-2.5-flash", "gemini-3.5-flash"])
    await chain.fake.close()
  }

  @Test("A service that cannot be reached is tried once, not once for each model")
  func unreachable() async throws {
    let configuration = try GeminiBench.configuration(GeminiBench.addressOfNobody)
    let availability = InMemoryModelAvailability()
    let models = Chain.models.map { model in
      FallbackResponder.Link(
        name: model,
        responder: GeminiResponder(model: model, configuration: configuration))
    }
    let local = FallbackResponder.Link(responder: LocalResponder(language: .french))
    let responder = FallbackResponder(models + [local], availability: availability)
    let (_, notices, result) = await GeminiBench.run(responder)
    #expect(try result.get().state == .fallback)
    #expect(notices.map(\.error.code) == [.unreachable])
  }

  @Test("The last model is waited for as long as the budget allows, and no longer")
  func budget() async throws {
    let chain = try await Chain(["gemini-2.5-flash"])
    chain.fake.enqueue(.quotaMinute.retrying(in: "1s"), .quotaMinute.retrying(in: "0.5s"))
    #expect(try await GeminiBench.run(chain.responder).result.get().state == .complete)
    #expect(chain.waits.withLock { $0 } == [.milliseconds(1050), .milliseconds(525)])
    chain.fake.enqueue(.quotaMinute.retrying(in: "3s"))
    #expect(try await GeminiBench.run(chain.responder).result.get().state == .fallback)
    #expect(chain.waits.withLock(\.count) == 2)
    await chain.fake.close()
    let other = try await Chain(["gemini-2.5-flash"])
    other.fake.set(.overloaded)
    #expect(try await GeminiBench.run(other.responder).result.get().state == .fallback)
    #expect(other.waits.withLock { $0 } == [.seconds(1)], "1 s, and no time for 2 s more")
    #expect(other.asked.count == 2)
    await other.fake.close()
  }

  @Test("A deadline of the service's own is retried once, and then with half of what went before")
  func deadline() async throws {
    let chain = try await Chain(["gemini-2.5-flash"])
    chain.fake.enqueue(.deadline, .deadline)
    let prompt = GeminiBench.prompt(
      "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")
    #expect(try await GeminiBench.run(chain.responder, prompt).result.get().state == .complete)
    let sent = try chain.fake.journal.map {
      try SessionCore.JSONValue(parsing: $0.request.body)["contents"]?.elements?.count
    }
    #expect(sent == [9, 9, 5])
    #expect(chain.waits.withLock { $0 } == [.seconds(1)])
    chain.fake.set(.deadline)
    #expect(try await GeminiBench.run(chain.responder, prompt).result.get().state == .fallback)
    #expect(chain.asked.count == 6, "with less it is asked once, and not with less and less")
    _ = await GeminiBench.run(chain.responder, GeminiBench.prompt("Bonjour"))
    #expect(chain.asked.count == 8, "a question alone stays whole")
    await chain.fake.close()
  }

  @Test("The first deadline of the service's own costs no history, whatever failed before it")
  func firstDeadline() async throws {
    let chain = try await Chain(["gemini-2.5-flash"], budget: .seconds(10))
    chain.fake.enqueue(.overloaded, .deadline)
    let prompt = GeminiBench.prompt("un", "deux", "trois", "quatre", "cinq")
    #expect(try await GeminiBench.run(chain.responder, prompt).result.get().state == .complete)
    let sent = try chain.fake.journal.map {
      try SessionCore.JSONValue(parsing: $0.request.body)["contents"]?.elements?.count
    }
    #expect(sent == [5, 5, 5])
    #expect(chain.waits.withLock { $0 } == [.seconds(1), .seconds(2)])
    await chain.fake.close()
  }

  @Test("A delay of nothing is obeyed at once, and not for ever")
  func zeroDelay() async throws {
    let chain = try await Chain()
    chain.fake.set(.quotaZeroDelay, for: Chain.models[0])
    #expect(try await GeminiBench.run(chain.responder).result.get().model == Chain.models[1])
    #expect(chain.asked == Array(repeating: Chain.models[0], count: 4) + [Chain.models[1]])
    #expect(chain.waits.withLock { $0 }.isEmpty)
    await chain.fake.close()
  }

  @Test(
    "After the first character no other model is asked: what was shown stays, the error is told",
    arguments: [Scenario.cut, .cutUnclean, .reset, .errorMidStream, .safetyMid, .malformedCall])
  func afterText(scenario: Scenario) async throws {
    let chain = try await Chain()
    chain.fake.setAnswer { _ in ["Un ", "deux ", "trois"] }
    chain.fake.set(scenario, for: Chain.models[0])
    let (text, notices, result) = await GeminiBench.run(chain.responder)
    #expect(text == "Un ")
    #expect(notices.isEmpty)
    #expect(result.code != nil)
    #expect(chain.asked == [Chain.models[0]])
    await chain.fake.close()
  }

  @Test("Without a local answer the last error is thrown")
  func noLocal() async throws {
    let chain = try await Chain(endsLocally: false)
    chain.fake.set(.quotaDay)
    for _ in 0..<2 {
      let (_, notices, result) = await GeminiBench.run(chain.responder)
      #expect(result.code == .quotaExhausted)
      #expect(notices.map(\.from) == [Chain.models[0]])
    }
    await chain.fake.close()
  }

  @Test("A record of closed models that hangs holds nobody up")
  func hangingRecord() async throws {
    struct Hanging: ModelAvailability {
      let gate: Gate
      func closedModels(among models: [String]) async -> [String: Timestamp] {
        try? await gate.pass()
        return [:]
      }
      func close(_ model: String, until moment: Timestamp) async { try? await gate.pass() }
      func reopen(_ model: String) async { try? await gate.pass() }
    }
    let refusing = ScriptedResponder { _, _ in
      throw ResponderError(
        code: .quotaExhausted, reason: "x", retryAt: .now() + .seconds(3600))
    }
    let chain = FallbackResponder(
      [
        .init(name: "a", responder: refusing),
        .init(name: "b", responder: ScriptedResponder(saying: "c")),
      ], availability: Hanging(gate: Gate()))
    #expect(await GeminiBench.run(chain).text == "c")
  }

  @Test("A reader's error and a cancelled task end the chain, and are not a model's failure")
  func readerFails() async throws {
    let chain = try await Chain()
    let failure = ResponderError(code: .overloaded, reason: "the reader's own")
    await #expect(throws: failure) {
      _ = try await chain.responder.respond(to: GeminiBench.prompt("x")) { _ in throw failure }
    }
    #expect(chain.asked.count == 1)
    chain.fake.set(.slowFirstByte)
    let task = Task { await GeminiBench.run(chain.responder).result }
    try await chain.fake.waitForStalls()
    task.cancel()
    let result = await task.value
    #expect(throws: CancellationError.self) { try result.get() }
    #expect(chain.asked.count == 2)
    await chain.fake.close()
  }

  @Test("Any responder can be a link")
  func otherResponders() async throws {
    let failing = ScriptedResponder(
      saying: "", thenThrowing: ResponderError(code: .unreachable, reason: "x"))
    let silent = ScriptedResponder { _, _ in throw ResponderError(code: .overloaded, reason: "y") }
    let chain = FallbackResponder(
      [
        .init(name: "a", responder: silent), .init(name: "b", responder: failing),
        .init(name: "c", responder: ScriptedResponder(saying: "d", "e")),
      ], availability: InMemoryModelAvailability())
    let (text, notices, result) = await GeminiBench.run(chain)
    #expect(text == "de")
    #expect(notices.map(\.from) == ["a", "b"])
    #expect(try result.get().model == "scripted")
  }
}
