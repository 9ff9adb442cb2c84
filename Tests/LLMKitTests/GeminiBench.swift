import LLMKit
import SessionCore
import TestSupport

/// What tests of responders share.
enum GeminiBench {
  /// Where nobody listens: a port that was just given back may be somebody else's already.
  static let addressOfNobody = "http://127.0.0.1:1"

  /// A chain of one model, which is not asked again while it is closed.
  static func remembering(_ model: any ModelResponder, _ time: ManualTime) -> FallbackResponder {
    FallbackResponder(
      [.init(name: model.model, responder: model)],
      availability: InMemoryModelAvailability(time: time), time: time)
  }

  static func configuration(_ baseURL: String) throws -> GeminiConfiguration {
    try GeminiConfiguration(apiKey: Secret("test-key"), baseURL: baseURL)
  }

  static func prompt(_ texts: String...) -> Prompt {
    let messages = texts.enumerated().map { index, text in
      Message(
        id: .generate(), role: index % 2 == 0 ? .user : .assistant, content: text,
        createdAt: Timestamp(milliseconds: 0))
    }
    return Prompt(conversation: .generate(), messages: messages)
  }

  /// Runs a responder, and returns what it said beside how it ended.
  static func run(
    _ responder: some Responder, _ prompt: Prompt = prompt("Bonjour")
  ) async -> (text: String, notices: [FallbackNotice], result: Result<ResponseSummary, any Error>) {
    let seen = Locked((text: "", notices: [FallbackNotice]()))
    let result: Result<ResponseSummary, any Error>
    do {
      result = .success(
        try await responder.respond(to: prompt) { part in
          seen.withLock { seen in
            switch part {
            case .text(let text): seen.text += text
            case .fallback(let notice): seen.notices.append(notice)
            default: break
            }
          }
        })
    } catch {
      result = .failure(error)
    }
    let (text, notices) = seen.withLock { $0 }
    return (text, notices, result)
  }
}

extension Result where Success == ResponseSummary {
  var error: ResponderError? {
    if case .failure(let error as ResponderError) = self { error } else { nil }
  }

  var code: ResponderError.Code? { error?.code }
}
