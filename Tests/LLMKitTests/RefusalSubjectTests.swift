import SessionCore
import Testing

@testable import LLMKit

@Suite("What a refusal is about")
struct RefusalSubjectTests {
  @Test(
    "R6 Every row of the table is about what it says, and its words are told",
    arguments: RefusalTable.rows)
  func row(_ row: RefusalTable.Row) {
    let refusal = row.refusal
    #expect(refusal.subject == row.subject)
    let now = Timestamp(milliseconds: 1_795_390_000_000)
    let error = RefusalPlan.error(refusal, RefusalPlan.step(refusal, at: now), at: now, key: nil)
    #expect(error.code == row.code)
    #expect(error.httpStatus == row.status)
  }

  @Test("R6 A quota is read wherever Google names it")
  func quotas() {
    let now = Timestamp(milliseconds: 1_795_390_000_000)
    func info(_ limit: String, _ value: String = "60") -> String {
      """
      {"error":{"code":429,"message":"Quota exceeded.","status":"RESOURCE_EXHAUSTED","details":[\
      {"reason":"RATE_LIMIT_EXCEEDED","metadata":{"quota_limit":"\(limit)",\
      "quota_limit_value":"\(value)"}}]}}
      """
    }
    let midnight = PacificTime.nextMidnight(after: now)
    let message =
      "Quota exceeded for quota metric 'Generate Content API requests per minute' and limit "
      + "'GenerateContent request limit per minute for a region'"
    for (body, step) in [
      (
        info("GenerateContentRequestsPerMinutePerProjectPerRegion"),
        RefusalPlan.Step.wait(.seconds(60))
      ),
      (info("GenerateRequestsPerDayPerProjectPerModel"), .close(until: midnight)),
      // tech-shrimp/gemini-playground#10
      (info("GenerateContentRequestsPerMinutePerProjectPerRegion", "0"), .giveUpModel),
      (
        #"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"\#(message)"}}"#,
        .wait(.seconds(60))
      ),
      (
        #"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"limit: requests per day"}}"#,
        .close(until: midnight)
      ),
      (
        #"[{"error":{"code":429,"message":"x","details":[{"violations":[{"quotaId":"APerDayB"}]}]}}]"#,
        .close(until: midnight)
      ),
      (
        #"{"error":{"message":"Rate limit reached on requests per day (RPD)","code":"rate_limit_exceeded"}}"#,
        .close(until: now + .seconds(3600))
      ),
    ] {
      let refusal = ServiceRefusal(status: 429, body: Array(body.utf8), retryAfter: nil)
      #expect(RefusalPlan.step(refusal, at: now, unnamedRefusalCount: 3) == step, "\(body)")
    }
  }

  /// Most are quoted in badlogic/pi-mono packages/ai/src/utils/overflow.ts; the others are vLLM's,
  /// SGLang's, text-generation-inference's and Cohere's.
  @Test(
    "R6 Too long is known by what its sentences have in common, with the limit where it is told",
    arguments: [
      ("prompt is too long: 213462 tokens > 200000 maximum", 200_000),
      ("Your input exceeds the context window of this model", nil),
      (
        "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)",
        1_048_575
      ),
      (
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens",
        131_072
      ),
      ("Please reduce the length of the messages or completion.", nil),
      (
        "Please reduce the length of the messages or completion. Current length is 12904 while limit is 8192",
        8192
      ),
      (
        "This endpoint's maximum context length is 32,768 tokens. However, you requested about 40,000 tokens",
        32_768
      ),
      ("the request exceeds the available context size, try increasing it", nil),
      (
        "request (831 tokens) exceeds the available context size (512 tokens), try increasing it",
        512
      ),
      ("prompt token count of 55417 exceeds the limit of 12288", 12_288),
      ("invalid params, context window exceeds limit", nil),
      ("Your request exceeded model token limit: 262144 (requested: 291351)", 262_144),
      (
        "Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
        32_768
      ),
      (
        "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens (112946 in the messages, 10000 in the completion).",
        16_384
      ),
      ("The decoder prompt (length 10127) is longer than the maximum model length of 8192.", 8192),
      (
        "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 4096 tokens and your request has 2000 input tokens (5000 > 4096 - 2000).",
        4096
      ),
      (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 20 `max_new_tokens`",
        4096
      ),
      ("The input (12046 tokens) is longer than the model's context length (8192 tokens).", 8192),
      ("Requested tokens (2285) exceed context window of 2048", 2048),
      (
        "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5229.",
        4081
      ),
      ("Input is too long for requested model.", nil),
      (
        "Trying to keep the first 15857 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens",
        4096
      ),
      (
        "The prompt (total length 25938) is too long to fit into the model (context length 4096).",
        4096
      ),
    ] as [(String, Int?)])
  func tooLong(sentence: String, limit: Int?) throws {
    let overflow = try #require(Overflow(sentence: sentence))
    #expect(overflow.tokenCountMax == limit)
  }

  @Test(
    "R6 What is about something else is not too long",
    arguments: [
      "max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided 100000.",
      "temperature must be between 0 and 2", "Input should be less than or equal to 2",
      "max_tokens: Input should be greater than 0", "Please use a valid role: user, model.",
      "* GenerateContentRequest.contents[1].parts: contents.parts must not be empty.",
      "The thinking budget 50000 is invalid. Please choose a value between 128 and 32768.",
      "An internal error has occurred.", "You exceeded your current quota", "",
    ])
  func notTooLong(sentence: String) {
    #expect(Overflow(sentence: sentence) == nil)
  }

  @Test("R6 A field that is refused is left out once, and in all that follows")
  func leavesOut() async throws {
    let requests = Locked<[String]>([])
    let server = try RawServer { connection, _ in
      while let request = connection.readRequest() {
        requests.withLock { $0.append(request) }
        if request.contains("stream_options") {
          connection.respond(
            422,
            #"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}"#
          )
        } else {
          connection.respond(
            200,
            StreamBench.stream([#"{"choices":[{"delta":{"content":"A"},"finish_reason":"stop"}]}"#])
          )
        }
      }
    }
    let responder = OpenAIResponder(
      model: "m",
      configuration: try OpenAIConfiguration(apiKey: nil, baseURL: server.baseURL + "/v1"))
    for _ in 0..<2 {
      let (text, _, result) = await GeminiBench.run(responder)
      #expect(text == "A")
      #expect(result.code == nil)
    }
    #expect(requests.withLock { $0.map { $0.contains("stream_options") } } == [true, false, false])
  }

  @Test("R6 A long question loses its middle, by the service's own count of tokens")
  func shortenedByCount() async throws {
    let text = "Résume : " + String(repeating: "0123456789 ", count: 400) + "en trois points."
    let prompt = GeminiBench.prompt("a", "b", text)
    let (short, leftOut) = prompt.shortened(
      by: Overflow(tokenCountMax: 512, tokenCount: 5120))
    let content = try #require(short.messages.last?.content)
    #expect(short.messages.count == 1)
    #expect(content.hasPrefix("Résume : ") && content.hasSuffix("en trois points."))
    #expect(content.count < text.count / 10)
    #expect(leftOut.messageCount == 2 && leftOut.characterCount > text.count / 2)
  }

  @Test("R6 A record of closed models tells services and keys apart, and shows no key")
  func recordNames() {
    let first = ModelService(baseURL: "http://a/v1", key: Secret("k1"))
    let names = Set([
      first.recordName(of: "m"),
      ModelService(baseURL: "http://a/v1", key: Secret("k2")).recordName(of: "m"),
      ModelService(baseURL: "http://b/v1", key: Secret("k1")).recordName(of: "m"),
      ModelService(baseURL: "http://a/v1", key: nil).recordName(of: "m"), first.recordName(of: "n"),
    ])
    #expect(names.count == 5)
    #expect(names.allSatisfy { !$0.contains("k1") && !$0.contains("k2") })
    #expect(first.recordName(of: "m").hasPrefix("m@"))
  }
}
