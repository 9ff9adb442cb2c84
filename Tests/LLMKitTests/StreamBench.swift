import SessionCore

@testable import LLMKit

/// Reads streams without a network.
enum StreamBench {
  struct Outcome: Equatable {
    var text = ""
    var calls: [ToolCall] = []
    var state: AnswerState?
    var code: ResponderError.Code?
    var reason = ""
    var usage: TokenUsage?
    var phase = StreamPhase.open
  }

  static func openAI(_ pieces: ArraySlice<UInt8>...) throws -> Outcome {
    try outcome(OpenAIAnswer(), pieces)
  }

  static func openAI(_ events: [String]) throws -> Outcome {
    try openAI(Array(stream(events).utf8)[...])
  }

  static func gemini(_ pieces: ArraySlice<UInt8>...) throws -> Outcome {
    try outcome(GeminiAnswer(), pieces)
  }

  static func gemini(_ events: [String]) throws -> Outcome {
    try gemini(Array(stream(events).utf8)[...])
  }

  static func stream(_ events: [String], lineEnd: String = "\n") -> String {
    events.map {
      ($0.hasPrefix(":") || $0.hasPrefix("event:") || $0.hasPrefix("error:") ? $0 : "data: " + $0)
        + lineEnd + lineEnd
    }
    .joined()
  }

  private static func outcome<Answer: StreamedAnswer>(
    _ start: Answer, _ pieces: [ArraySlice<UInt8>]
  ) throws -> Outcome {
    var answer = start
    var parser = ServerSentEventParser()
    var outcome = Outcome()
    for piece in pieces {
      try parser.feed(piece) { answer.take($0, isUnterminated: false) }
      outcome.text += answer.takeText() ?? ""
    }
    try parser.finish { answer.take($0, isUnterminated: true) }
    answer.end()
    outcome.text += answer.takeText() ?? ""
    outcome.calls = answer.calls
    outcome.usage = answer.known.usage
    outcome.phase = answer.phase
    if let refusal = answer.refusal as? ServiceRefusal {
      let now = Timestamp(milliseconds: 0)
      let error = RefusalPlan.error(refusal, RefusalPlan.step(refusal, at: now), at: now, key: nil)
      (outcome.code, outcome.reason) = (error.code, error.reason)
      return outcome
    }
    do throws(ResponderError) {
      outcome.state = try answer.summary().state
    } catch {
      (outcome.code, outcome.reason) = (error.code, error.reason)
    }
    return outcome
  }
}
