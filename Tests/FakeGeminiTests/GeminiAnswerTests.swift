import FakeGemini
import SessionCore
import TestSupport
import Testing

@Suite("FakeGemini answers", .timeLimit(.minutes(1)))
struct GeminiAnswerTests {
  @Test("ok: chunks of text, usage that only grows, and a last chunk with empty text and STOP")
  func ok() async throws {
    let bench = try await GeminiBench()
    let response = try await bench.post()
    #expect(response.status == 200)
    #expect(response.header("Content-Type") == "text/event-stream")
    #expect(response.isWhole)
    let events = try response.events()
    #expect(events.map(\.text).joined() == "Écho 1 : Bonjour à tous")
    #expect(events.count == response.pieces.count)
    #expect(events.dropLast().allSatisfy { $0.candidates?.first?.finishReason == nil })
    #expect(events.last?.text == "")
    #expect(events.last?.candidates?.first?.finishReason == "STOP")
    let counts = events.map { $0.usageMetadata?.candidatesTokenCount ?? 0 }
    #expect(counts == counts.sorted() && counts[0] > 0)
    let last = try #require(events.last?.usageMetadata)
    #expect(
      last.totalTokenCount
        == (last.promptTokenCount ?? 0) + (last.candidatesTokenCount ?? 0)
        + (last.thoughtsTokenCount ?? 0))
    #expect(Set(events.map(\.responseId)).count == 1)
    #expect(Set(events.map(\.modelVersion)) == ["gemini-2.5-flash"])
    await bench.fake.close()
  }

  @Test("quota-day: the day's quota id, and the short delay that is the trap")
  func quotaDay() async throws {
    let bench = try await GeminiBench()
    let response = try await bench.stream(.quotaDay)
    #expect(response.status == 429)
    #expect(response.header("Retry-After") == nil)
    let error = try response.error()
    #expect(error.status == "RESOURCE_EXHAUSTED")
    let violation = try #require(error.detail("QuotaFailure")?.violations?.first)
    #expect(violation.quotaId == "GenerateRequestsPerDayPerProjectPerModel-FreeTier")
    #expect(violation.quotaValue == "20")
    #expect(violation.quotaDimensions?["model"] == "gemini-2.5-flash")
    #expect(error.detail("RetryInfo")?.retryDelay == "17s")
    #expect(error.message.hasSuffix("\nPlease retry in 17.984925417s."))
    #expect(try await bench.post().status == 200)
    await bench.fake.close()
  }
}
