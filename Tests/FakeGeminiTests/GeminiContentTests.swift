import FakeGemini
import RawClient
import SessionCore
import TestSupport
import Testing

@Suite("FakeGemini refuses a conversation", .timeLimit(.minutes(5)))
struct GeminiContentTests {
  /// A conversation and what is said about it; nil: nothing, it is answered.
  struct Case: Sendable, CustomTestStringConvertible {
    let rule: String
    var model = "gemini-2.5-flash"
    let body: String
    let message: String?
    var testDescription: String { rule }
  }

  private static func contents(_ turns: String...) -> String {
    #"{"contents":["# + turns.joined(separator: ",") + "]}"
  }

  private static func turn(_ role: String, _ parts: String...) -> String {
    #"{"role":"\#(role)","parts":["# + parts.joined(separator: ",") + "]}"
  }

  private static func said(_ role: String, _ text: String = "a") -> String {
    turn(role, #"{"text":"\#(text)"}"#)
  }

  private static func call(_ name: String = "f", id: String? = nil, signed: Bool = false) -> String
  {
    let id = id.map { #""id":"\#($0)","# } ?? ""
    let signature = signed ? #","thoughtSignature":"c2ln""# : ""
    return #"{"functionCall":{\#(id)"name":"\#(name)","args":{}}\#(signature)}"#
  }

  private static func answer(_ name: String = "f", id: String? = nil) -> String {
    let id = id.map { #""id":"\#($0)","# } ?? ""
    return #"{"functionResponse":{\#(id)"name":"\#(name)","response":{"result":1}}}"#
  }

  private static let role = "Please use a valid role: user, model."
  private static let count =
    "Please ensure that the number of function response parts is equal to the number of function "
    + "call parts of the function call turn."
  private static let place =
    "Please ensure that function call turn comes immediately after a user turn or after a function "
    + "response turn."
  private static let oneOf = "required oneof field 'data' must have one initialized field"

  static let cases = [
    Case(
      rule: "no contents", body: "{}",
      message: "* GenerateContentRequest.contents: contents is not specified\n"),
    Case(
      rule: "an empty list", body: #"{"contents":[]}"#,
      message: "* GenerateContentRequest.contents: contents is not specified\n"),
    Case(
      rule: "a turn without parts", body: contents(said("user"), turn("model"), said("user")),
      message: "* GenerateContentRequest.contents[1].parts: contents.parts must not be empty.\n"),
    Case(
      rule: "an empty part", body: contents(said("user"), turn("model", "{}"), said("user")),
      message: "* GenerateContentRequest.contents[1].parts[0].data: \(oneOf)\n"),
    Case(
      rule: "an empty text", body: contents(turn("user", #"{"text":"a"}"#, #"{"text":""}"#)),
      message: "* GenerateContentRequest.contents[0].parts[1].data: \(oneOf)\n"),
    Case(
      rule: "every empty part is told",
      body: #"{"contents":[{"parts":[{}]}],"systemInstruction":{"parts":[]}}"#,
      message: "* GenerateContentRequest.contents[0].parts[0].data: \(oneOf)\n"
        + "* GenerateContentRequest.system_instruction.parts: contents.parts must not be empty.\n"),
    Case(rule: "the role system", body: contents(said("system"), said("user")), message: role),
    Case(rule: "the role assistant", body: contents(said("assistant")), message: role),
    Case(
      rule: "no role in a longer conversation",
      body: contents(said("user"), #"{"parts":[{"text":"a"}]}"#), message: role),
    Case(
      rule: "no role in a single turn is the user", body: contents(#"{"parts":[{"text":"a"}]}"#),
      message: nil),
    Case(
      rule: "a first turn of the model", body: contents(said("model"), said("user")),
      message: "Please ensure that multiturn requests start with a user turn."),
    Case(
      rule: "two things in one part",
      body: contents(
        turn("user", #"{"text":"a","fileData":{"mimeType":"text/plain","fileUri":"x"}}"#)),
      message: "Invalid value: oneof field 'data' is already set."),
    Case(
      rule: "turns of one role in a row are taken",
      body: contents(said("user"), said("user"), said("model"), said("model"), said("user")),
      message: nil),
    Case(
      rule: "2.5 goes on from a last turn of the model",
      body: contents(said("user"), said("model")), message: nil),
    Case(
      rule: "3.x does not", model: "gemini-3.5-flash-lite",
      body: contents(said("user"), said("model")),
      message:
        "Please ensure that multiturn requests ends with a user role or a function response."),
    Case(
      rule: "a system instruction is not only text",
      body: #"{"contents":[{"parts":[{"text":"a"}]}],"systemInstruction":{"parts":"#
        + #"[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}}"#,
      message: "System instruction only supports text parts."),
    Case(
      rule: "a call that follows a turn of the model",
      body: contents(said("user"), said("model"), turn("model", call()), turn("user", answer())),
      message: place),
    Case(
      rule: "a call without its answer",
      body: contents(said("user"), turn("model", call()), said("user")), message: count),
    Case(
      rule: "a call at the end", body: contents(said("user"), turn("model", call())),
      message: count),
    Case(
      rule: "two calls, one answer",
      body: contents(said("user"), turn("model", call(), call("g")), turn("user", answer())),
      message: count),
    Case(
      rule: "an answer to another function",
      body: contents(said("user"), turn("model", call()), turn("user", answer("g"))),
      message: "Please ensure that the function response names match the function call names."),
    Case(
      rule: "an answer to no call", body: contents(said("user"), turn("user", answer())),
      message:
        "Please ensure that function response turn comes immediately after a function call turn."),
    Case(
      rule: "an answer to another id",
      body: contents(
        said("user"), turn("model", call(id: "1")), turn("user", answer(id: "2"))),
      message: "Please ensure that the function response ids match the function call ids."),
    Case(
      rule: "an id twice in one turn",
      body: contents(
        said("user"), turn("model", call(id: "1"), call(id: "1")),
        turn("user", answer(id: "1"), answer(id: "1"))),
      message: "Function call ids must be unique within a turn."),
    Case(
      rule: "a call, its answer, and another call are taken",
      body: contents(
        said("user"), turn("model", call()), turn("user", answer()), turn("model", call("g")),
        turn("user", answer("g"))), message: nil),
    Case(
      rule: "no id from 3.5 on", model: "gemini-3.5-flash",
      body: contents(
        said("user"), turn("model", call(signed: true)), turn("user", answer())),
      message: "Function call and function response parts must have an id."),
    Case(
      rule: "ids and a signature on 3.x", model: "gemini-3.5-flash",
      body: contents(
        said("user"), turn("model", call(id: "1", signed: true)), turn("user", answer(id: "1"))),
      message: nil),
    Case(
      rule: "one signature is enough for calls in one turn", model: "gemini-3.5-flash",
      body: contents(
        said("user"), turn("model", call(id: "1", signed: true), call(id: "2")),
        turn("user", answer(id: "1"), answer(id: "2"))), message: nil),
    Case(
      rule: "the stand-in for a signature", model: "gemini-3.6-flash",
      body: contents(
        said("user"),
        turn(
          "model",
          #"{"functionCall":{"id":"1","name":"f"},"#
            + #""thoughtSignature":"skip_thought_signature_validator"}"#),
        turn("user", answer(id: "1"))), message: nil),
  ]

  @Test("Each rule for contents", arguments: cases)
  func rule(rule: Case) async throws {
    let response = try await GeminiBench().post(rule.body, to: rule.model)
    if let message = rule.message {
      let error = try response.error()
      #expect(error.message == message)
      #expect(error.status == "INVALID_ARGUMENT" && error.details == nil)
    } else {
      #expect(response.status == 200, "\(response.text)")
    }
  }

  @Test("A call without its signature on 3.x: the function and the turn are named")
  func missingSignature() async throws {
    let body = Self.contents(
      Self.said("user"), Self.turn("model", Self.call("lookup", id: "1")),
      Self.turn("user", Self.answer("lookup", id: "1")))
    let message = try await GeminiBench().post(body, to: "gemini-3.5-flash").error().message
    #expect(
      message.hasPrefix("Function call is missing a thought_signature in functionCall parts."))
    #expect(message.contains("`default_api:lookup` , position 2."))
  }

  @Test(
    "Each rule for generationConfig, safetySettings and tools",
    arguments: [
      ("gemini-2.5-flash", #""generationConfig":{"temperature":2.5}"#, "temperature"),
      ("gemini-2.5-flash", #""generationConfig":{"topP":1.5}"#, "top_p"),
      ("gemini-2.5-flash", #""generationConfig":{"maxOutputTokens":0}"#, "max_output_tokens"),
      (
        "gemini-2.5-flash", #""generationConfig":{"stopSequences":["1","2","3","4","5","6"]}"#,
        "at most 5 stop sequences"
      ),
      ("gemini-2.5-flash", #""generationConfig":{"logprobs":3}"#, "response_logprobs"),
      (
        "gemini-3.5-flash", #""generationConfig":{"presencePenalty":0.5}"#,
        "Penalty is not enabled for models/gemini-3.5-flash"
      ),
      (
        "gemini-3.6-flash",
        #""generationConfig":{"thinkingConfig":{"thinkingBudget":0,"thinkingLevel":"low"}}"#,
        "You can only set only one of thinking budget and thinking level."
      ),
      (
        "gemini-2.5-flash", #""generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}}"#,
        "Thinking level is not supported for this model."
      ),
      (
        "gemini-2.5-flash", #""generationConfig":{"thinkingConfig":{"thinkingBudget":24577}}"#,
        "The thinking budget 24577 is invalid. Please choose a value between 1 and 24576."
      ),
      (
        "gemini-2.5-flash-lite", #""generationConfig":{"thinkingConfig":{"thinkingBudget":500}}"#,
        "between 512 and 24576"
      ),
      (
        "gemini-2.5-pro", #""generationConfig":{"thinkingConfig":{"thinkingBudget":0}}"#,
        "only works in thinking mode"
      ),
      (
        "gemini-2.5-flash", #""generationConfig":{"responseMimeType":"text/html"}"#,
        "allowed mimetypes"
      ),
      (
        "gemini-2.5-flash", #""generationConfig":{"responseSchema":{"type":"STRING"}}"#,
        "only allowed when mime type is `application/json`"
      ),
      (
        "gemini-2.5-flash",
        #""generationConfig":{"responseMimeType":"application/json","#
          + #""responseSchema":{"type":"STRING"},"responseJsonSchema":{}}"#,
        "Only one of response_schema and response_json_schema"
      ),
      (
        "gemini-2.5-flash",
        #""safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"},"#
          + #"{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}]"#,
        "safety_settings[1]: There should not be more than one setting"
      ),
      (
        "gemini-2.5-flash", #""safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT"}]"#,
        "safety_settings[0].threshold"
      ),
      (
        "gemini-2.5-flash", #""tools":[{"functionDeclarations":[{"name":"a b"}]}]"#,
        "Invalid function name"
      ),
      (
        "gemini-2.5-flash", #""tools":[{"functionDeclarations":[{"name":"a"},{"name":"a"}]}]"#,
        "Duplicate function declaration found: a"
      ),
    ])
  func config(model: String, field: String, message: String) async throws {
    let body = #"{"contents":[{"parts":[{"text":"a"}]}],"# + field + "}"
    let error = try await GeminiBench().post(body, to: model).error()
    #expect(error.code == 400)
    #expect(error.message.contains(message), "\(error.message)")
  }

  @Test(
    "What each family takes",
    arguments: [
      ("gemini-2.5-flash", #"{"thinkingBudget":-1}"#),
      ("gemini-2.5-flash", #"{"thinkingBudget":0}"#),
      ("gemini-2.5-pro", #"{"thinkingBudget":128}"#),
      ("gemini-3.5-flash", #"{"thinkingLevel":"low"}"#),
      ("gemini-3.6-flash", #"{"thinkingLevel":"MINIMAL","includeThoughts":true}"#),
    ])
  func taken(model: String, thinking: String) async throws {
    let body =
      #"{"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"temperature":0.7,"topP":0.9,"#
      + #""topK":40,"seed":7,"candidateCount":1,"thinkingConfig":"# + thinking + "}}"
    let response = try await GeminiBench().post(body, to: model)
    #expect(response.status == 200, "\(response.text)")
  }
}
