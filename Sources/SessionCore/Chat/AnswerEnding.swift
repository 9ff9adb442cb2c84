/// What is to be stored of an answer, however it ended.
struct AnswerEnding {
  /// Nil: nothing was shown and the turn was stopped, so there is nothing to store.
  let details: AnswerDetails?
  /// The text to store.
  let text: String
  /// Why the responder gave no answer, or not all of it.
  let failure: ResponderError?
  /// What stopped the turn from outside.
  let interruption: (any Error)?

  init(_ outcome: Result<ResponseSummary, any Error>, shown: String, startedAt: Timestamp) {
    switch outcome {
    case .success(let summary):
      details = AnswerDetails(
        state: summary.state, model: summary.model, usage: summary.usage,
        finishReason: summary.finishReason, responseID: summary.responseID, startedAt: startedAt)
      text = shown
      failure = nil
      interruption = nil
    case .failure(let error as ResponderError):
      details = AnswerDetails(state: shown.isEmpty ? .error : .partial, startedAt: startedAt)
      text = shown.isEmpty ? error.reason : shown
      failure = error
      interruption = nil
    case .failure(let error):
      details = shown.isEmpty ? nil : AnswerDetails(state: .partial, startedAt: startedAt)
      text = shown
      failure = nil
      interruption = error
    }
  }
}
