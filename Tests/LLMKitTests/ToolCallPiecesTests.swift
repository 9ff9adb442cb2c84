import SessionCore
import Testing

@testable import LLMKit

@Suite("Calls of tools, put together")
struct ToolCallPiecesTests {
  typealias Piece = ToolCallPieces.Piece

  struct Row: CustomTestStringConvertible, Sendable {
    /// What is said, and who was seen to do so.
    let testDescription: String
    let pieces: [Piece]
    let calls: [ToolCall]
  }

  private static func piece(
    _ index: Int?, _ id: String = "", _ name: String = "", _ arguments: String = ""
  ) -> Piece {
    Piece(index: index, id: id, name: name, arguments: arguments)
  }

  private static func call(_ id: String, _ name: String, _ arguments: String) -> ToolCall {
    ToolCall(id: id, name: name, arguments: arguments)
  }

  static let rows = [
    Row(
      testDescription: "bit by bit, by index (OpenAI)",
      pieces: [
        piece(0, "a", "f"), piece(0, "", "", "{\"x\""), piece(1, "b", "g"), piece(0, "", "", ":1}"),
        piece(1, "", "", "{}"),
      ], calls: [call("a", "f", "{\"x\":1}"), call("b", "g", "{}")]),
    Row(
      testDescription: "two whole ones with one index (Ollama, vercel/ai#14277)",
      pieces: [piece(0, "a", "f", "{\"x\":1}"), piece(0, "b", "f", "{\"x\":2}")],
      calls: [call("a", "f", "{\"x\":1}"), call("b", "f", "{\"x\":2}")]),
    Row(
      testDescription: "bit by bit with one index and two ids (apache/maka#1976)",
      pieces: [
        piece(0, "a", "f", "{"), piece(0, "", "", "}"), piece(0, "b", "g", "{"),
        piece(0, "", "", "}"),
      ], calls: [call("a", "f", "{}"), call("b", "g", "{}")]),
    Row(
      testDescription: "the id with every piece (vLLM, spring-projects/spring-ai#5973)",
      pieces: [piece(0, "a", "f", "{\"x\""), piece(0, "a", "", ":1"), piece(0, "a", "f", "}")],
      calls: [call("a", "f", "{\"x\":1}")]),
    Row(
      testDescription: "no index, by id (Mistral's older stream)",
      pieces: [
        piece(nil, "a", "f", "{"), piece(nil, "b", "g", "{"), piece(nil, "a", "", "}"),
        piece(nil, "b", "", "}"),
      ], calls: [call("a", "f", "{}"), call("b", "g", "{}")]),
    Row(
      testDescription: "neither index nor id, in their order (Gemini's proxies)",
      pieces: [
        piece(nil, "", "f", "{\"x\":1}"), piece(nil, "", "f", "{\"x\":2}"), piece(nil, "", "g"),
      ],
      calls: [
        call("call-0", "f", "{\"x\":1}"), call("call-1", "f", "{\"x\":2}"),
        call("call-2", "g", "{}"),
      ]),
    Row(
      testDescription: "neither index nor id, bit by bit",
      pieces: [piece(nil, "", "f", "{\"x\""), piece(nil, "", "", ":1}")],
      calls: [call("call-0", "f", "{\"x\":1}")]),
    Row(
      testDescription: "the whole once more at the end",
      pieces: [
        piece(0, "a", "f", "{\"x\":"), piece(0, "", "", "1}"), piece(0, "a", "f", "{ \"x\": 1 }"),
      ], calls: [call("a", "f", "{\"x\":1}")]),
    Row(
      testDescription: "one id for two indices",
      pieces: [
        piece(0, "a", "f", "{"), piece(1, "a", "g", "{"), piece(0, "a", "", "}"),
        piece(1, "a", "", "}"),
      ], calls: [call("a", "f", "{}"), call("call-1", "g", "{}")]),
    Row(
      testDescription: "an empty object before the text of the arguments (Anthropic's proxies)",
      pieces: [piece(0, "a", "f", "{}"), piece(0, "", "", "{\"x\""), piece(0, "", "", ":1}")],
      calls: [call("a", "f", "{\"x\":1}")]),
    Row(
      testDescription: "the name before the id",
      pieces: [piece(0, "", "f"), piece(0, "a", "", "{}")], calls: [call("a", "f", "{}")]),
    Row(
      testDescription: "no arguments at all",
      pieces: [piece(0, "a", "f", " ")], calls: [call("a", "f", "{}")]),
  ]

  @Test("Every way of services to send calls comes to the calls that were meant", arguments: rows)
  func row(_ row: Row) {
    var pieces = ToolCallPieces()
    for piece in row.pieces { pieces.take(piece) }
    #expect(pieces.calls == row.calls)
  }

  @Test("Arguments may be an object, and the older interface's one call counts")
  func shapes() throws {
    for delta in [
      #"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}}]}"#,
      #"{"tool_calls":{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}}"#,
      #"{"tool_calls":[{"id":"a","index":"0","function":{"name":"f","arguments":"{\"x\":1}"}}]}"#,
    ] {
      let outcome = try StreamBench.openAI([
        #"{"choices":[{"delta":\#(delta),"finish_reason":"tool_calls"}]}"#
      ])
      #expect(outcome.calls == [Self.call("a", "f", "{\"x\":1}")])
      #expect(outcome.state == .complete)
    }
    let old = try StreamBench.openAI([
      #"{"choices":[{"delta":{"function_call":{"name":"f","arguments":"{"}}}]}"#,
      #"{"choices":[{"delta":{"function_call":{"arguments":"}"}},"finish_reason":"function_call"}]}"#,
    ])
    #expect(old.calls == [Self.call("call-0", "f", "{}")])
  }
}
