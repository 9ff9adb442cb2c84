import FakeGemini
import RawClient
import SessionCore
import TestSupport
import Testing

@Suite("FakeGemini answers", .timeLimit(.minutes(5)))
struct GeminiAnswerTests {
  private static let whole = "Écho 1 : Bonjour à tous"

  @Test("ok: chunks of text, usage that only grows, and a last chunk with empty text and STOP")
  func ok() async throws {
    let bench = try await GeminiBench()
    let response = try await bench.post()
    #expect(response.status == 200)
    #expect(response.header("Content-Type") == "text/event-stream")
    #expect(response.isWhole)
    let events = try response.events()
    #expect(events.map(\.text).joined() == Self.whole)
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
  }

  @Test("generateContent says in one document what the stream says in many")
  func single() async throws {
    let bench = try await GeminiBench()
    let response = try await bench.post(to: "gemini-2.5-flash", "generateContent")
    #expect(response.header("Content-Type") == "application/json; charset=UTF-8")
    let document = try response.decode(as: AnswerDocument.self)
    #expect(document.text == Self.whole)
    #expect(document.candidates?.first?.content?.parts?.count == 1)
    #expect(document.candidates?.first?.finishReason == "STOP")
    #expect(document.usageMetadata?.candidatesTokenCount == 8)
  }

  @Test("A stream without alt=sse is one array, sent piece by piece")
  func arrayStream() async throws {
    let bench = try await GeminiBench()
    let response = try await bench.post(to: "gemini-2.5-flash", "streamGenerateContent")
    #expect(response.header("Content-Type") == "application/json; charset=UTF-8")
    let documents = try response.decode(as: [AnswerDocument].self)
    #expect(documents.map(\.text).joined() == Self.whole)
    #expect(response.pieces.count == documents.count + 1)
    #expect(response.pieces.first?.starts(with: "[{".utf8) == true)
    #expect(response.pieces[1].starts(with: ",\r\n{".utf8))
  }

  @Test("ok-stop-everywhere: STOP stands in every chunk")
  func stopEverywhere() async throws {
    let events = try await GeminiBench().stream(.okStopEverywhere).events()
    #expect(events.count == 5)
    #expect(events.allSatisfy { $0.candidates?.first?.finishReason == "STOP" })
  }

  @Test("ok-usage-only-chunk: one chunk in the middle has no candidates")
  func usageOnly() async throws {
    let events = try await GeminiBench().stream(.okUsageOnlyChunk).events()
    #expect(events.map { $0.candidates == nil } == [false, true, false, false, false, false])
    #expect(events[1].usageMetadata?.candidatesTokenCount == 3)
    #expect(events.map(\.text).joined() == Self.whole)
  }

  @Test("ok-empty-content: candidates without content, with an empty one, without parts")
  func emptyContent() async throws {
    let events = try await GeminiBench().stream(.okEmptyContent).events()
    let contents = events.map { $0.candidates?.first?.content }
    #expect(contents.contains { $0 == nil })
    #expect(contents.contains { $0 != nil && $0?.role == nil && $0?.parts == nil })
    #expect(contents.contains { $0?.role == "model" && $0?.parts == nil })
    #expect(events.map(\.text).joined() == Self.whole)
  }

  @Test("ok-thoughts: a thought first, which is no part of the answer")
  func thoughts() async throws {
    let events = try await GeminiBench().stream(.okThoughts).events()
    #expect(events.first?.candidates?.first?.content?.parts?.first?.thought == true)
    #expect(events.map(\.text).joined() == Self.whole)
  }

  @Test("ok-multipart: two parts of text in one candidate")
  func multipart() async throws {
    let events = try await GeminiBench().stream(.okMultipart).events()
    #expect(events.first?.candidates?.first?.content?.parts?.count == 2)
    #expect(events.map(\.text).joined() == Self.whole)
  }

  @Test("ok-signature: the last chunk has a signature beside its empty text")
  func signature() async throws {
    let events = try await GeminiBench().stream(.okSignature).events()
    let part = events.last?.candidates?.first?.content?.parts?.first
    #expect(part?.text == "")
    #expect(part?.thoughtSignature?.isEmpty == false)
  }

  @Test("rerouted: 200, and the version names another model")
  func rerouted() async throws {
    let events = try await GeminiBench().stream(.rerouted).events()
    #expect(Set(events.map(\.modelVersion)) == ["gemini-3.5-flash-lite"])
    let alias = try await GeminiBench().post(to: "gemini-flash-latest").events()
    #expect(Set(alias.map(\.modelVersion)) == ["gemini-3.6-flash"])
  }

  @Test("blocked-prompt: 200 with a block reason and no candidates")
  func blockedPrompt() async throws {
    let response = try await GeminiBench().stream(.blockedPrompt)
    #expect(response.status == 200)
    let events = try response.events()
    #expect(events.count == 1)
    #expect(events[0].promptFeedback?.blockReason == "PROHIBITED_CONTENT")
    #expect(events[0].candidates == nil)
  }

  @Test("safety-mid: some text, then SAFETY with no content")
  func safetyMid() async throws {
    let events = try await GeminiBench().stream(.safetyMid).events()
    #expect(events.map(\.text) == ["Écho 1 : ", ""])
    #expect(events[1].candidates?.first?.finishReason == "SAFETY")
    #expect(events[1].candidates?.first?.content == nil)
  }

  @Test("max-tokens-empty: MAX_TOKENS, no part, and thinking used all that was allowed")
  func maxTokensEmpty() async throws {
    let bench = try await GeminiBench()
    bench.fake.enqueue(.maxTokensEmpty)
    let events = try await bench.post(
      #"{"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"maxOutputTokens":300}}"#
    ).events()
    #expect(events.count == 1)
    #expect(events[0].candidates?.first?.finishReason == "MAX_TOKENS")
    #expect(events[0].candidates?.first?.content?.parts == nil)
    #expect(events[0].usageMetadata?.thoughtsTokenCount == 300)
  }

  @Test("An answer that does not fit in maxOutputTokens, thoughts included, is cut with MAX_TOKENS")
  func maxTokens() async throws {
    let bench = try await GeminiBench()
    let body = { (budget: Int) in
      #"{"contents":[{"parts":[{"text":"Bonjour à tous"}]}],"generationConfig":{"#
        + #""maxOutputTokens":6,"thinkingConfig":{"thinkingBudget":\#(budget)}}}"#
    }
    let cut = try await bench.post(body(0)).events()
    #expect(cut.map(\.text).joined() == "Écho 1 : Bonjo")
    #expect(cut.last?.candidates?.first?.finishReason == "MAX_TOKENS")
    let empty = try await bench.post(body(24)).events()
    #expect(empty.map(\.text).joined() == "")
    #expect(empty.last?.candidates?.first?.finishReason == "MAX_TOKENS")
  }

  @Test("malformed-call: the last chunk counts fewer tokens than the one before")
  func malformedCall() async throws {
    let events = try await GeminiBench().stream(.malformedCall).events()
    let last = try #require(events.last)
    #expect(last.candidates?.first?.finishReason == "MALFORMED_FUNCTION_CALL")
    #expect(last.usageMetadata?.thoughtsTokenCount == nil)
    let totals = events.compactMap { $0.usageMetadata?.totalTokenCount }
    #expect(totals.count == 2 && totals[1] < totals[0])
  }

  @Test("unknown-enum: a whole answer with a finish reason nobody knows")
  func unknownEnum() async throws {
    let events = try await GeminiBench().stream(.unknownEnum).events()
    #expect(events.last?.candidates?.first?.finishReason == "SOMETHING_NEW")
    #expect(events.map(\.text).joined() == Self.whole)
  }

  @Test("finish-X and blocked-X name any reason")
  func anyReason() async throws {
    let bench = try await GeminiBench()
    let finish = try #require(Scenario(name: "finish-RECITATION"))
    #expect(
      try await bench.stream(finish).events().last?.candidates?.first?.finishReason
        == "RECITATION")
    #expect(try await bench.stream(.finishEmpty("OTHER")).events().map(\.text) == [""])
    let blocked = try #require(Scenario(name: "blocked-BLOCKLIST"))
    #expect(
      try await bench.stream(blocked).events().first?.promptFeedback?.blockReason == "BLOCKLIST")
  }

  @Test("The answer can be set, and depends on what was asked")
  func ownAnswer() async throws {
    let bench = try await GeminiBench()
    bench.fake.setAnswer { request in
      [request.model, request.instruction] + request.turns.map { "\($0.role): \($0.text)" }
    }
    let events = try await bench.post(
      """
      {"system_instruction":{"parts":{"text":"Tu es bref."}},
       "contents":[{"role":"user","parts":[{"text":"un"}]},{"role":"model","parts":[{"text":"1"},
       {"text":"bis","thought":true}]},{"role":"user","parts":[{"text":"de"},{"text":"ux"}]}]}
      """
    ).events()
    #expect(
      events.map(\.text)
        == ["gemini-2.5-flash", "Tu es bref.", "user: un", "model: 1", "user: deux", ""])
  }

  @Test(
    "function-call: the declared function is called; ids and signatures come with 3.x",
    arguments: [("gemini-2.5-flash", 1), ("gemini-3.6-flash", 2)])
  func functionCall(model: String, count: Int) async throws {
    let bench = try await GeminiBench()
    bench.fake.set(count == 1 ? .functionCall : .parallelCalls)
    let tools = #"""
      "tools":[{"functionDeclarations":[{"name":"lookup","parameters":{"type":"OBJECT",
      "properties":{"q":{"type":"STRING"}},"required":["q"]}}]}]
      """#
    let question = #"{"role":"user","parts":[{"text":"Météo ?"}]}"#
    let events = try await bench.post("{\(tools),\"contents\":[\(question)]}", to: model).events()
    let parts = events[0].candidates?.first?.content?.parts ?? []
    #expect(
      parts.compactMap(\.functionCall).map(\.name) == Array(repeating: "lookup", count: count))
    #expect(parts.first?.functionCall?.args == ["q": "Météo ?"])
    #expect(parts.compactMap(\.thoughtSignature).count == (count == 1 ? 0 : 1))
    let ids = parts.compactMap(\.functionCall?.id)
    #expect(Set(ids).count == (count == 1 ? 0 : 2))
    #expect(events.last?.candidates?.first?.finishReason == "STOP")

    let calls = ids.isEmpty ? [""] : ids.map { #""id":"\#($0)","# }
    let called = calls.enumerated().map { index, id in
      let signature = index == 0 ? #","thoughtSignature":"c2ln""# : ""
      return #"{"functionCall":{\#(id)"name":"lookup","args":{"q":"Météo ?"}}\#(signature)}"#
    }
    let answered = calls.map {
      #"{"functionResponse":{\#($0)"name":"lookup","response":{"result":"pluie"}}}"#
    }
    let history = """
      {\(tools),"contents":[\(question),{"role":"model","parts":[\(called.joined(separator: ","))]},
      {"role":"user","parts":[\(answered.joined(separator: ","))]}]}
      """
    let end = try await bench.post(history, to: model)
    #expect(end.status == 200, "\(end.text)")
    #expect(try end.events().map(\.text).joined() == "Écho 3 : Météo ?")
  }
}
