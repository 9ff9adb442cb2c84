import SessionCore
import TestSupport
import Testing

@Suite("Which models are not to be asked")
struct ModelAvailabilityTests {
  let time = ManualTime()
  let availability: InMemoryModelAvailability

  init() { availability = InMemoryModelAvailability(time: time) }

  private func isClosed(_ model: String = "m") async -> Bool {
    await availability.closedModels(among: ["other", model])[model] != nil
  }

  @Test("A model is closed until the moment, and the later of two moments counts")
  func closes() async {
    let start = time.now()
    await availability.close("m", until: start + .seconds(60))
    await availability.close("m", until: start + .seconds(30))
    time.advance(by: .milliseconds(59_999))
    #expect(
      await availability.closedModels(among: ["m", "n"]) == ["m": start + .seconds(60)])
    time.advance(by: .milliseconds(1))
    #expect(await !isClosed())
  }

  @Test("After a closing one asker finds out, and all may ask once the model has answered")
  func probe() async {
    await availability.close("m", until: time.now() + .seconds(60))
    time.advance(by: .seconds(60))
    #expect(await !isClosed(), "the first may ask")
    #expect(await isClosed(), "the others wait for it")
    time.advance(by: .seconds(5))
    #expect(await isClosed())
    await availability.reopen("m")
    for _ in 0..<3 { #expect(await !isClosed()) }
  }

  @Test("An asker that says nothing is followed by another one, and a refusal closes anew")
  func probeFails() async {
    await availability.close("m", until: time.now() + .seconds(60))
    time.advance(by: .seconds(60))
    #expect(await !isClosed())
    time.advance(by: ModelRecovery.probeDuration)
    #expect(await !isClosed(), "the second")
    #expect(await isClosed())
    await availability.close("m", until: time.now() + .seconds(60))
    await availability.reopen("m")
    #expect(await isClosed(), "an answer from before does not open what was closed since")
    time.advance(by: .seconds(59))
    #expect(await isClosed())
    time.advance(by: .seconds(1))
    #expect(await !isClosed())
  }

  @Test("A closing that nobody came back for is forgotten")
  func forgotten() async {
    await availability.close("m", until: time.now() + .seconds(60))
    time.advance(by: .seconds(60) + ModelRecovery.duration)
    for _ in 0..<3 { #expect(await !isClosed()) }
  }
}
