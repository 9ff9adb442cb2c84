import SessionCore
import Testing

@testable import LLMKit

/// Refusals as services word them, with where they were seen and what they are about.
enum RefusalTable {
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
    Row("a log-in", 200, "<html><title>Sign in</title></html>", .service, .serviceRefused),
    Row("FastAPI", 404, #"{"detail":"Not Found"}"#, .service, .serviceRefused),
    Row("Ollama without /v1", 404, "404 page not found", .service, .serviceRefused),
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
}
