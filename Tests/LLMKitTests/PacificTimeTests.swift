import Foundation
import LLMKit
import SessionCore
import Testing

@Suite("Pacific midnight")
struct PacificTimeTests {
  private func time(_ text: String) throws -> Timestamp {
    let date = try Date(text, strategy: .iso8601)
    return Timestamp(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
  }

  @Test(
    "The next midnight, in winter, in summer, and on the two days when the clock is changed",
    arguments: [
      ("2026-01-15T12:00:00Z", "2026-01-16T08:00:00Z"),
      ("2026-07-15T12:00:00Z", "2026-07-16T07:00:00Z"),
      ("2026-01-15T07:59:59Z", "2026-01-15T08:00:00Z"),
      ("2026-01-15T08:00:00Z", "2026-01-16T08:00:00Z"),
      // 8 March 2026, a day of 23 hours.
      ("2026-03-08T07:59:59Z", "2026-03-08T08:00:00Z"),
      ("2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"),
      ("2026-03-08T09:59:59Z", "2026-03-09T07:00:00Z"),
      ("2026-03-08T10:00:00Z", "2026-03-09T07:00:00Z"),
      ("2026-03-09T06:59:59Z", "2026-03-09T07:00:00Z"),
      // 1 November 2026, a day of 25 hours.
      ("2026-11-01T06:59:59Z", "2026-11-01T07:00:00Z"),
      ("2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),
      ("2026-11-01T08:59:59Z", "2026-11-02T08:00:00Z"),
      ("2026-11-01T09:00:00Z", "2026-11-02T08:00:00Z"),
      ("2026-11-02T07:59:59Z", "2026-11-02T08:00:00Z"),
      ("2028-02-29T20:00:00Z", "2028-03-01T08:00:00Z"),
      ("2026-12-31T23:00:00Z", "2027-01-01T08:00:00Z"),
      ("2027-01-01T07:30:00Z", "2027-01-01T08:00:00Z"),
    ])
  func midnight(moment: String, midnight: String) throws {
    #expect(try PacificTime.nextMidnight(after: time(moment)) == time(midnight))
  }

  @Test("Every hour of thirty years agrees with the time zone data, where there are any")
  func agreesWithTimeZoneData() throws {
    guard let zone = TimeZone(identifier: "America/Los_Angeles") else { return }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let hour: Int64 = 3_600_000
    var moment = try time("2020-01-01T00:30:00Z")
    let end = try time("2050-01-01T00:00:00Z")
    var midnight = Timestamp(milliseconds: 0)
    while moment < end {
      if midnight <= moment {
        let date = Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000)
        let next = calendar.nextDate(
          after: date, matching: DateComponents(hour: 0, minute: 0, second: 0),
          matchingPolicy: .nextTime)
        let found = try #require(next)
        midnight = Timestamp(milliseconds: Int64(found.timeIntervalSince1970 * 1000))
      }
      guard PacificTime.nextMidnight(after: moment) == midnight else {
        Issue.record("after \(moment.milliseconds)")
        return
      }
      moment = Timestamp(milliseconds: moment.milliseconds + hour)
    }
  }
}
