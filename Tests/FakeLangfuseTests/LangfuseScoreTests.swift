import FakeLangfuse
import RawClient
import TestSupport
import Testing

@Suite("FakeLangfuse takes scores", .timeLimit(.minutes(5)))
struct LangfuseScoreTests {
  private static let score =
    #"{"id":"fb-1","traceId":"5b8e","name":"user-feedback","value":1,"dataType":"BOOLEAN"}"#

  @Test("A score is stored under its id, replaced by the next one, and taken back")
  func upsert() async throws {
    let bench = try await LangfuseBench()
    let response = try await bench.score(Self.score)
    #expect(response.status == 200 && response.text == #"{"id":"fb-1"}"#)
    _ = try await bench.score(Self.score.replacing(":1,", with: ":0,"))
    let scores = try await bench.fake.waitForScores(2)
    #expect(scores.keys.sorted() == ["fb-1"])
    #expect(scores["fb-1"]?["value"] == 0)
    let path = LangfuseBench.scores + "/fb%2D1"
    #expect(try await bench.send("DELETE", path, []).status == 202)
    #expect(bench.fake.scores.isEmpty)
    #expect(try await bench.send("DELETE", path, []).status == 404)
  }

  @Test("Without an id one is made; without a type it is inferred from the value")
  func inferred() async throws {
    let bench = try await LangfuseBench()
    _ = try await bench.score(#"{"sessionId":"s","name":"a","value":0.5}"#)
    _ = try await bench.score(#"{"sessionId":"s","name":"b","value":"good"}"#)
    #expect(
      Set(bench.fake.scores.values.compactMap { $0["dataType"]?.text })
        == ["NUMERIC", "CATEGORICAL"])
    #expect(bench.fake.scores.allSatisfy { $0.value["id"]?.text == $0.key })
  }

  @Test(
    "What is not in order is 400 with its issues",
    arguments: [
      (#"{"traceId":"t","name":"a","value":2,"dataType":"BOOLEAN"}"#, "value"),
      (#"{"traceId":"t","name":"a","value":true}"#, "value"),
      (#"{"traceId":"t","name":"a","value":"x","dataType":"NUMERIC"}"#, "value"),
      (#"{"traceId":"t","name":"a","value":1,"dataType":"CATEGORICAL"}"#, "value"),
      (#"{"traceId":"t","name":"a","value":"","dataType":"TEXT"}"#, "value"),
      (#"{"traceId":"t","name":"a","value":1,"dataType":"OTHER"}"#, "value"),
      (#"{"traceId":"t","name":"a"}"#, "value"), (#"{"traceId":"t","value":1}"#, "name"),
      (#"{"traceId":"t","name":"","value":1}"#, "name"), (#"{"name":"a","value":1}"#, ""),
      (#"{"traceId":"t","sessionId":"s","name":"a","value":1}"#, ""),
      (#"{"sessionId":"s","observationId":"o","name":"a","value":1}"#, "observationId"),
      (#"{"traceId":1,"sessionId":"s","name":"a","value":1}"#, "traceId"),
      (#"{"traceId":"t","name":"a","value":1,"environment":"Prod"}"#, "environment"),
      (#"{"traceId":"t","name":"a","value":1,"metadata":"m"}"#, "metadata"),
    ])
  func refused(body: String, path: String) async throws {
    let bench = try await LangfuseBench()
    let response = try await bench.score(body)
    #expect(response.status == 400)
    let issues = try response.decode(as: Issues.self)
    #expect(issues.message == "Invalid request data")
    #expect(issues.error.map { $0.path.joined() } == [path], "\(response.text)")
    #expect(bench.fake.scores.isEmpty)
  }

  @Test("A text of 500 characters is the longest")
  func text() async throws {
    let bench = try await LangfuseBench()
    let body = { (count: Int) in
      #"{"traceId":"t","name":"a","dataType":"TEXT","value":""#
        + String(repeating: "é", count: count) + #""}"#
    }
    #expect(try await bench.score(body(500)).status == 200)
    #expect(try await bench.score(body(501)).status == 400)
  }

  @Test("The old interface answers 207, lists every event as an error, and stores nothing")
  func ingestion() async throws {
    let bench = try await LangfuseBench()
    let body = #"""
      {"batch":[{"id":"1","type":"trace-create","body":{}},{"id":"2","type":"generation-create"},
      {"id":"3","type":"score-create","body":{}},{"id":"4","type":"sdk-log","body":{}}]}
      """#
    let response = try await bench.send("POST", LangfuseBench.ingestion, Array(body.utf8))
    #expect(response.status == 207)
    struct Answer: Decodable {
      struct Item: Decodable {
        let id: String
        let status: Int
        let error: String?
      }
      let successes: [Item]
      let errors: [Item]
    }
    let answer = try response.decode(as: Answer.self)
    #expect(answer.errors.map(\.id) == ["1", "2"] && answer.successes.map(\.id) == ["3", "4"])
    #expect(answer.errors.allSatisfy { $0.status == 400 })
    #expect(
      answer.errors.first?.error?.hasPrefix(
        "Event type \"trace-create\" is not accepted by /api/public/ingestion") == true)
    #expect(bench.fake.spans.isEmpty)
  }
}
