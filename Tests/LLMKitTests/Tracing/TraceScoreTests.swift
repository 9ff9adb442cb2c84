import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("Scores", .timeLimit(.minutes(5)))
struct TraceScoreTests {
  @Test("Feedback becomes a score of the question's trace under the row's own id, and goes again")
  func feedback() async throws {
    let bench = try TraceBench(
      ScriptedModel("m", ScriptedResponder(saying: "Bonjour")),
      configure: { try $0.labels.setEnvironment("test") })
    let id = try #require(MessageID("0198a0b1-7c00-7000-8000-000000000001"))
    let turn = try await bench.ask("Salut", id: id)
    for isUp in [true, false] {
      bench.tracer.record(
        TraceScore(
          feedback: "fb/9", on: turn.answer.id, in: bench.conversation, isUp: isUp,
          comment: isUp ? "utile" : nil))
    }
    bench.tracer.removeScore("fb/9")
    _ = await bench.spans()
    let requests = bench.server.requests
    #expect(
      requests.map(\.line) == [
        "POST /api/public/otel/v1/traces HTTP/1.1", "POST /api/public/scores HTTP/1.1",
        "POST /api/public/scores HTTP/1.1", "DELETE /api/public/scores/fb%2F9 HTTP/1.1",
      ])
    #expect(requests.allSatisfy { $0.headers["authorization"] == "Basic cGstbGYtMTpzay1sZi0x" })
    let common: [String: JSONValue] = [
      "id": "fb/9", "traceId": .string(TraceID(question: id).description),
      "name": "user-feedback", "dataType": "BOOLEAN", "environment": "test",
      "metadata": [
        "threadId": .string(bench.conversation.description),
        "stepId": .string(turn.answer.id.description),
      ],
    ]
    #expect(
      requests[1].body == .object(common.merging(["value": 1, "comment": "utile"]) { $1 }))
    #expect(requests[2].body == .object(common.merging(["value": 0]) { $1 }))
    #expect(bench.tracer.statistics.sentCount == 6)
  }

  @Test("A score that the server refuses is counted, and the next one goes")
  func refused() async throws {
    let server = try TraceServer(
      .respond(400, body: #"{"message":"Invalid request data","error":[]}"#), .respond(404))
    let bench = try TraceBench(server: server)
    for value in [TraceScore.Value.numeric(0.5), .categorical("good")] {
      bench.tracer.record(
        TraceScore(id: "a", trace: TraceID(seed: "t"), name: "quality", value: value))
    }
    bench.tracer.removeScore("a")
    _ = await bench.spans()
    #expect(bench.server.requests.map { $0.body?["dataType"] } == ["NUMERIC", "CATEGORICAL", nil])
    #expect(bench.server.requests.first?.body?["value"] == .number(0.5))
    #expect(bench.tracer.statistics.refusedCount == 2)
    #expect(bench.tracer.statistics.sentCount == 1)
    #expect(bench.tracer.statistics.lastProblem == "HTTP 404")
  }
}
