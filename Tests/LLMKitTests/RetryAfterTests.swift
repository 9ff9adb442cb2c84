import FakeGemini
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("Retry-After")
struct RetryAfterTests {
  /// 2026-11-27 15:09:30 UTC, a Friday.
  static let now = Timestamp(milliseconds: 1_795_792_170_000)

  @Test(
    "The header is read in seconds and in each form of a date, which says nothing once passed",
    arguments: [
      ("120", Duration.seconds(120)), ("0", .zero), ("1.5", .milliseconds(1500)),
      ("Fri, 27 Nov 2026 15:10:00 GMT", .seconds(30)),
      ("Friday, 27-Nov-26 15:10:00 GMT", .seconds(30)),
      ("Fri Nov 27 15:10:00 2026", .seconds(30)), ("Tue Dec  1 15:09:30 2026", .seconds(345_600)),
      ("Tue, 01 Dec 2026 15:09:30 GMT", .seconds(345_600)),
      ("Wed, 03 Mar 2027 15:09:30 GMT", .seconds(96 * 86_400)),
      ("Fri, 27 Nov 2026 15:09:29 GMT", nil), ("Sun, 06 Nov 1994 08:49:37 GMT", nil),
      ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("Fri, 27 Nov 2026 15:09:30 GMT", nil),
      ("Thu, 29 Feb 2996 00:00:00 GMT", nil), ("Fri, 27 Nov 2026 15:10:00 CET", nil),
      ("Fri, 32 Nov 2026 15:10:00 GMT", nil), ("Fri, 27 Nov 2026 24:10:00 GMT", nil),
      ("Fri, 27 Nov 2026 15:10 GMT", nil), ("Fri, 27 Nix 2026 15:10:00 GMT", nil),
      ("-1", nil), ("soon", nil), ("", nil),
    ] as [(String, Duration?)])
  func header(text: String, duration: Duration?) {
    #expect(RetryDelay(header: text, now: Self.now)?.duration == duration)
  }

  @Test("A date that a proxy names closes the model until then, by the clock that was given")
  func date() async throws {
    let time = ManualTime(Self.now)
    let fake = try await FakeGemini(time: time)
    fake.enqueue(.overloaded.withRetryAfter("Fri, 27 Nov 2026 15:10:00 GMT"))
    let responder = GeminiBench.remembering(
      GeminiResponder(
        model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL),
        time: time), time)
    let (_, _, result) = await GeminiBench.run(responder)
    let error = try #require(throws: ResponderError.self) { try result.get() }
    #expect(error.retryAt == Self.now + .seconds(30))
    #expect(await GeminiBench.run(responder).result.code == .quotaExhausted)
    #expect(fake.journal.count == 1, "it is not asked meanwhile")
    time.advance(by: .seconds(30))
    #expect(await GeminiBench.run(responder).result.code == nil)
    await fake.close()
  }
}
