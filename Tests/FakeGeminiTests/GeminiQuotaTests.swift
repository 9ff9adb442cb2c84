import FakeGemini
import RawClient
import SessionCore
import TestSupport
import Testing

@Suite("FakeGemini counts", .timeLimit(.minutes(5)))
struct GeminiQuotaTests {
  private static let flash = GeminiBench.target("gemini-2.5-flash")

  /// A fake whose clock shows `seconds` since 1970 UTC.
  private func fake(
    at seconds: Int64, _ limits: ModelLimits
  ) async throws -> (FakeGemini, ManualTime) {
    let time = ManualTime(Timestamp(milliseconds: seconds * 1000))
    let fake = try await FakeGemini(time: time)
    fake.setLimits(limits)
    return (fake, time)
  }

  private func post(
    _ fake: FakeGemini, _ model: String = "gemini-2.5-flash"
  ) async throws -> RawResponse {
    let connection = try RawConnection(port: fake.port)
    try await connection.send(GeminiBench.request(GeminiBench.target(model)))
    return try await connection.response()
  }

  @Test("Requests of a minute: the bucket refills all the time, and the delay is what is missing")
  func minute() async throws {
    let (fake, time) = try await fake(
      at: 1_795_390_000, ModelLimits(requestsPerMinute: 4))
    for _ in 1...4 { #expect(try await post(fake).status == 200) }
    let error = try await post(fake).error()
    #expect(error.detail("RetryInfo")?.retryDelay == "15s")
    #expect(
      error.detail("QuotaFailure")?.violations?.map(\.quotaId)
        == ["GenerateRequestsPerMinutePerProjectPerModel-FreeTier"])
    time.advance(by: .milliseconds(14_500))
    #expect(try await post(fake).error().detail("RetryInfo")?.retryDelay == "0.500s")
    time.advance(by: .milliseconds(500))
    #expect(try await post(fake).status == 200)
    #expect(try await post(fake).status == 429)
    time.advance(by: .seconds(3600))
    for _ in 1...4 { #expect(try await post(fake).status == 200) }
    #expect(try await post(fake).status == 429)
  }

  @Test("Each model has an account of its own, and limits of its own")
  func models() async throws {
    let (fake, _) = try await fake(at: 1_795_390_000, ModelLimits(requestsPerDay: 1))
    fake.setLimits(ModelLimits(requestsPerDay: 2), for: "gemini-2.5-pro")
    #expect(try await post(fake).status == 200)
    #expect(try await post(fake).status == 429)
    #expect(try await post(fake, "gemini-2.5-pro").status == 200)
    #expect(try await post(fake, "gemini-2.5-pro").status == 200)
    #expect(try await post(fake, "gemini-2.5-pro").status == 429)
  }

  /// Midnights in California, in seconds since 1970 UTC.
  @Test(
    "Requests of a day begin anew at midnight Pacific time, on every day of the year",
    arguments: [
      1_795_334_400,  // 2026-11-22, standard time: 08:00 UTC
      1_785_049_200,  // 2026-07-26, daylight saving: 07:00 UTC
      1_772_956_800,  // 2026-03-08, the day that daylight saving begins: 08:00 UTC
      1_773_039_600,  // 2026-03-09, the day after: 07:00 UTC
      1_793_516_400,  // 2026-11-01, the day that it ends: 07:00 UTC
      1_793_606_400,  // 2026-11-02, the day after: 08:00 UTC
      1_709_193_600,  // 2024-02-29: 08:00 UTC
    ])
  func midnight(seconds: Int64) async throws {
    let (fake, time) = try await fake(at: seconds, ModelLimits(requestsPerDay: 2))
    #expect(try await post(fake).status == 200)
    time.advance(by: .seconds(-1))
    #expect(try await post(fake).status == 200)
    #expect(try await post(fake).status == 200)
    #expect(try await post(fake).status == 429)
    time.advance(by: .seconds(1))
    #expect(try await post(fake).status == 200)
  }

  @Test("A day's refusal names a short delay, and obeying it does not help")
  func trap() async throws {
    let (fake, time) = try await fake(at: 1_795_390_000, ModelLimits(requestsPerDay: 1))
    #expect(try await post(fake).status == 200)
    let error = try await post(fake).error()
    #expect(
      error.detail("QuotaFailure")?.violations?.map(\.quotaId)
        == ["GenerateRequestsPerDayPerProjectPerModel-FreeTier"])
    #expect(error.detail("RetryInfo")?.retryDelay == "17.984s")
    time.advance(by: .seconds(18))
    #expect(try await post(fake).status == 429)
  }

  @Test("Both quotas can be used up at once; a paid plan has ids of its own")
  func both() async throws {
    var limits = ModelLimits(requestsPerMinute: 1, requestsPerDay: 1)
    limits.isPaid = true
    let (fake, _) = try await fake(at: 1_795_390_000, limits)
    #expect(try await post(fake).status == 200)
    #expect(
      try await post(fake).error().detail("QuotaFailure")?.violations?.map(\.quotaId)
        == [
          "GenerateRequestsPerDayPerProjectPerModel", "GenerateRequestsPerMinutePerProjectPerModel",
        ])
  }

  @Test("A limit of 0 says that the model is not offered")
  func notOffered() async throws {
    let (fake, _) = try await fake(at: 1_795_390_000, ModelLimits(requestsPerMinute: 0))
    #expect(try await post(fake).error().message.contains("limit: 0,"))
  }

  @Test("A refused request is not counted; one that fails for its content is")
  func whatCounts() async throws {
    let (fake, time) = try await fake(
      at: 1_795_390_000, ModelLimits(requestsPerMinute: 1, requestsPerDay: 3))
    #expect(try await post(fake).status == 200)
    for _ in 1...5 { #expect(try await post(fake).status == 429) }
    time.advance(by: .seconds(60))
    let connection = try RawConnection(port: fake.port)
    try await connection.send(GeminiBench.request(Self.flash, body: "{}"))
    #expect(try await connection.response().status == 400)
    time.advance(by: .seconds(60))
    #expect(try await post(fake).status == 200)
    time.advance(by: .seconds(60))
    #expect(try await post(fake).status == 429)
  }
}
