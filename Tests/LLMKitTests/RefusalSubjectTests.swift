import SessionCore
import Testing

@testable import LLMKit

@Suite("What a refusal is about")
struct RefusalSubjectTests {
  struct Row: CustomTestStringConvertible, Sendable {
    /// Where the refusal was seen.
    let source: String
    let status: Int
    let body: String
    let subject: RefusalSubject
    let code: ResponderError.Code

    init(
      _ source: String, _ status: Int, _ body: String, _ subject: RefusalSubject,
      _ code: ResponderError.Code
    ) {
      (self.source, self.status, self.body) = (source, status, body)
      (self.subject, self.code) = (subject, code)
    }

    var testDescription: String { "\(source): \(status) \(body.prefix(50))" }

    var refusal: ServiceRefusal {
      ServiceRefusal(status: status, body: Array(body.utf8), retryAfter: nil)
    }
  }

  private static func error(_ message: String, code: String? = nil, type: String? = nil) -> String {
    var fields: [String: JSONValue] = ["message": .string(message)]
    fields["code"] = code.map { .string($0) }
    fields["type"] = type.map { .string($0) }
    return JSONValue.object(["error": .object(fields)]).jsonText
  }

  private static let tooLarge =
    "Request too large for model `llama-3.1-8b-instant` in organization `o` service tier "
    + "`on_demand` on tokens per minute (TPM): Limit 8000, Requested 12800, please reduce your "
    + "message size and try again."

  static let rows = [
    // The key.
    Row(
      "OpenAI", 401, error("Incorrect API key provided: sk-x", code: "invalid_api_key"), .key,
      .credentials),
    Row(
      "xAI", 400,
      #"{"code":"Client specified an invalid argument","error":"Incorrect API key provided: x"}"#,
      .key, .credentials),
    Row(
      "Gemini's OpenAI interface", 400,
      #"[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]"#,
      .key, .credentials),
    Row("any", 401, "", .key, .credentials), Row("any", 403, "{}", .key, .credentials),
    // The service.
    Row(
      "OpenAI", 403,
      error(
        "Country, region, or territory not supported", code: "unsupported_country_region_territory"),
      .service, .serviceRefused),
    Row(
      "Gemini", 400,
      #"{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}"#,
      .service, .serviceRefused),
    Row("a proxy", 403, "<html><title>Access denied</title></html>", .service, .serviceRefused),
    Row("nginx", 404, "<html><title>404 Not Found</title></html>", .service, .serviceRefused),
    Row("a redirect", 301, "", .service, .serviceRefused),
    // The model.
    Row(
      "Aider-AI/aider#604", 403,
      error(
        "Project `p` does not have access to model `gpt-4o`", code: "model_not_found",
        type: "invalid_request_error"), .model, .modelUnavailable),
    Row(
      "continuedev/continue#10120", 403,
      error("Project `p` does not have access to model `gpt-4.1`"), .model, .modelUnavailable),
    Row(
      "OpenRouter, maxnowack/anthropic-proxy#4", 400,
      #"{"error":{"message":"google/gemini-2.0-pro-exp-02-05:free is not a valid model ID","code":400}}"#,
      .model, .modelUnavailable),
    Row(
      "google-gemini/gemini-cli#14603", 400,
      #"[{"error":{"code":400,"message":"You don't have access to this model or the model name is invalid","status":"INVALID_ARGUMENT"}}]"#,
      .model, .modelUnavailable),
    Row(
      "Mistral", 400,
      #"{"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"}"#,
      .model, .modelUnavailable),
    Row(
      "Groq", 400, error("The model `x` has been decommissioned", code: "model_decommissioned"),
      .model, .modelUnavailable),
    Row(
      "Azure", 404,
      error("The API deployment for this resource does not exist.", code: "DeploymentNotFound"),
      .model, .modelUnavailable),
    Row(
      "Ollama", 404, #"{"error":"model 'x' not found, try pulling it first"}"#, .model,
      .modelUnavailable),
    Row(
      "LiteLLM", 401,
      error(
        "key not allowed to access model. This key can only access models=['a']",
        type: "key_model_access_denied"), .model, .modelUnavailable),
    Row(
      "vLLM", 404,
      #"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","code":404}"#,
      .model, .modelUnavailable),
    // Its size.
    Row(
      "vLLM", 400,
      #"{"object":"error","message":"The decoder prompt (length 10127) is longer than the maximum model length of 8192.","code":400}"#,
      .size, .tooLong),
    Row(
      "Anthropic", 400,
      #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
      .size, .tooLong),
    Row(
      "oobabooga/textgen#7257", 500,
      #"{"error":{"code":500,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":14429,"n_ctx":8192}}"#,
      .size, .tooLong),
    Row(
      "Gitlawb/openclaude#353, LM Studio", 400,
      #"{"error":"The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096)."}"#,
      .size, .tooLong),
    Row("Cerebras", 413, "", .size, .tooLong),
    // Its limits.
    Row(
      "elizaOS/eliza#4040, Groq", 413, error(tooLarge, code: "rate_limit_exceeded", type: "tokens"),
      .sizeOfLimit, .tooLong),
    Row(
      "vanna-ai/vanna-flask#11, OpenAI", 429,
      error("Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 342389."),
      .sizeOfLimit, .tooLong),
    Row(
      "OpenAI", 429,
      error(
        "Rate limit reached for m on tokens per min (TPM): Limit 30000, Used 29500, Requested 1200. Please try again in 1.4s.",
        code: "rate_limit_exceeded"), .limit, .quotaExhausted),
    Row("DeepSeek", 402, error("Insufficient Balance"), .limit, .quotaExhausted),
    Row(
      "Anthropic", 400, error("Your credit balance is too low to access the API."), .limit,
      .quotaExhausted),
    // Its filter.
    Row(
      "Azure", 400,
      error(
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        code: "content_filter"), .filter, .blocked),
    Row(
      "OpenRouter", 403,
      #"{"error":{"code":403,"message":"Your chosen model requires moderation and your input was flagged"}}"#,
      .filter, .blocked),
    // The request.
    Row(
      "Gitlawb/openclaude#739, Mistral", 422,
      #"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{}}]}"#,
      .optionalFields(["stream_options"]), .invalidRequest),
    Row(
      "mistralai/platform-docs-public#7", 422,
      #"{"object":"error","message":"{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"seed\"],\"msg\":\"Extra inputs are not permitted\"}]}"}"#,
      .optionalFields(["seed"]), .invalidRequest),
    Row(
      "OpenAI", 400,
      #"{"error":{"message":"Unsupported value: 'temperature' does not support 0.7 with this model.","param":"temperature","code":"unsupported_value"}}"#,
      .optionalFields(["temperature"]), .invalidRequest),
    Row(
      "OpenAI", 400, error("Unrecognized request argument supplied: stream_options"),
      .optionalFields(["stream_options"]), .invalidRequest),
    Row(
      "OpenAI", 400,
      #"{"error":{"message":"max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided 100000.","param":"max_tokens","code":"invalid_value"}}"#,
      .request, .invalidRequest),
    Row(
      "vLLM", 422,
      #"{"detail":[{"loc":["body","temperature"],"msg":"Input should be less than or equal to 2"}]}"#,
      .request, .invalidRequest),
    Row(
      "Ollama", 400,
      #"{"error":{"message":"registry.ollama.ai/library/gemma3:4b does not support tools"}}"#,
      .request, .invalidRequest),
    // Trouble.
    Row(
      "Gemini", 503,
      #"{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}"#,
      .trouble, .overloaded),
    Row(
      "llama.cpp", 503,
      #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#, .trouble,
      .overloaded),
    Row("any", 502, "<html><title>502 Bad Gateway</title></html>", .trouble, .overloaded),
  ]

  @Test("R6 Every row of the table is about what it says, and its words are told", arguments: rows)
  func row(_ row: Row) {
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
