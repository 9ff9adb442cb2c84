import SessionCore
import Testing

@testable import LLMKit

@Suite("Streams as services send them")
struct RecordedShapeTests {
  typealias Shape = RecordedShapes.Shape

  private func read(_ shape: Shape, _ pieces: ArraySlice<UInt8>...) throws -> StreamBench.Outcome {
    switch (shape.isGemini, pieces.count) {
    case (true, 1): try StreamBench.gemini(pieces[0])
    case (true, _): try StreamBench.gemini(pieces[0], pieces[1])
    case (false, 1): try StreamBench.openAI(pieces[0])
    case (false, _): try StreamBench.openAI(pieces[0], pieces[1])
    }
  }

  @Test("R4 The stream of each service comes to its answer", arguments: RecordedShapes.all)
  func whole(_ shape: Shape) throws {
    let outcome = try read(shape, Array(shape.stream.utf8)[...])
    #expect(outcome.reason == "")
    #expect(outcome.text == shape.text)
    #expect(outcome.calls == shape.calls)
    #expect(outcome.state == .complete)
    #expect(outcome.usage == shape.usage)
  }

  @Test("Every cut of each stream in two comes to the same answer", arguments: RecordedShapes.all)
  func everyCut(_ shape: Shape) throws {
    let bytes = Array(shape.stream.utf8)
    let whole = try read(shape, bytes[...])
    for cut in 0...bytes.count {
      #expect(try read(shape, bytes[..<cut], bytes[cut...]) == whole, "cut at \(cut)")
    }
  }

  @Test(
    "R4 A stream that ends early shows a beginning of the text, and is complete only behind its end",
    arguments: RecordedShapes.all)
  func everyEnd(_ shape: Shape) throws {
    let bytes = Array(shape.stream.utf8)
    for end in 0..<bytes.count {
      let outcome = try read(shape, bytes[..<end])
      let shown = outcome.text.hasSuffix("\u{FFFD}") ? outcome.text.dropLast() : outcome.text[...]
      #expect(shape.text.utf8.starts(with: shown.utf8), "end at \(end): \(outcome.text)")
      if outcome.phase == .open { #expect(outcome.state == nil, "end at \(end)") }
      if outcome.state == .complete, shape.description.contains("every chunk") == false {
        #expect(outcome.text == shape.text && outcome.calls == shape.calls, "end at \(end)")
      }
    }
  }

  @Test(
    "R4 A known field in an unknown shape is an error with its name, and text before it is shown",
    arguments: [
      (#"{"choices":[{"delta":{"content":7}}]}"#, "content"),
      (#"{"choices":[{"delta":{"content":[{"type":"hologram"}]}}]}"#, "hologram"),
      (#"{"choices":[{"delta":{"content":[["B"]]}}]}"#, "content"),
      (#"{"choices":[{"delta":{"content":{"type":"text","text":["B"]}}}]}"#, "content"),
      (#"{"choices":[{"delta":"B"}]}"#, "delta"), (#"{"choices":{"delta":{}}}"#, "choices"),
      (#"{"choices":["B"]}"#, "choices"), (#"{"choices":[],"usage":"many"}"#, "usage"),
      (#"{"choices":[{"delta":{"tool_calls":"f"}}]}"#, "tool_calls"),
      (#"{"choices":[{"delta":{"tool_calls":[{"id":"a","function":"f"}]}}]}"#, "function"),
      (
        #"{"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":[1]}}]}}]}"#,
        "arguments"
      ),
      (
        #"{"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"arguments":"{}"}}]}}]}"#,
        "without a name"
      ),
    ])
  func oddFields(document: String, field: String) throws {
    let outcome = try StreamBench.openAI([
      #"{"choices":[{"delta":{"content":"A"}}]}"#, document,
      #"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, "[DONE]",
    ])
    #expect(outcome.text == "A")
    #expect(outcome.code == .malformedResponse)
    #expect(outcome.reason.contains(field), "\(outcome.reason)")
  }

  @Test(
    "R4 So is one of Gemini's",
    arguments: [
      (#"{"candidates":{}}"#, "candidates"), (#"{"candidates":["A"]}"#, "candidates"),
      (#"{"candidates":[{"content":"A"}]}"#, "content"),
      (#"{"candidates":[{"content":{"parts":"A"}}]}"#, "parts"),
      (#"{"candidates":[{"content":{"parts":["A"]}}]}"#, "parts"),
      (#"{"candidates":[{"content":{"parts":[{"text":7}]}}]}"#, "text"),
      (#"{"candidates":[{"content":{"parts":[{"functionCall":"f"}]}}]}"#, "functionCall"),
      (#"{"candidates":[{"finishReason":3}]}"#, "finishReason"),
      (#"{"usageMetadata":[1]}"#, "usageMetadata"),
    ])
  func oddGeminiFields(document: String, field: String) throws {
    let outcome = try StreamBench.gemini([
      #"{"candidates":[{"content":{"parts":[{"text":"A"}]}}]}"#, document,
      #"{"candidates":[{"finishReason":"STOP"}]}"#,
    ])
    #expect(outcome.text == "A")
    #expect(outcome.code == .malformedResponse)
    #expect(outcome.reason.contains(field), "\(outcome.reason)")
  }

  @Test("Text may be parts, one part, or wrapped once more; null is nothing")
  func contents() throws {
    for (content, text) in [
      (#"[{"type":"text","text":"A"},{"type":"text","text":"B"}]"#, "AB"),
      (#"{"type":"text","text":"A"}"#, "A"), (#"["A","B"]"#, "AB"),
      (#"[{"type":"output_text","text":"A"}]"#, "A"),
      (#"[{"type":"text","text":{"value":"A"}}]"#, "A"), (#"[null,"A"]"#, "A"),
      (#"[{"type":"text","text":null},"A"]"#, "A"),
    ] {
      let outcome = try StreamBench.openAI([
        #"{"choices":[{"delta":{"content":\#(content)}}]}"#,
        #"{"choices":[{"delta":{"content":null},"finish_reason":"stop"}]}"#,
      ])
      #expect(outcome.text == text, "\(content)")
      #expect(outcome.state == .complete, "\(content)")
    }
  }
}
