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

  /// - Parameter known: What is known of an answer that came to no good end.
  init(
    _ outcome: Result<ResponseSummary, any Error>, shown: String, known: ResponseSummary?,
    startedAt: Timestamp
  ) {
    switch outcome {
    case .success(let summary):
      details = AnswerDetails(summary, state: summary.state, startedAt: startedAt)
      text = shown
      failure = nil
      interruption = nil
    case .failure(let error as ResponderError):
      details = AnswerDetails(
        known, state: shown.isEmpty ? .error : .partial, startedAt: startedAt)
      text = shown.isEmpty ? error.reason : shown
      failure = error
      interruption = nil
    case .failure(let error):
      details =
        shown.isEmpty ? nil : AnswerDetails(known, state: .partial, startedAt: startedAt)
      text = shown
      failure = nil
      interruption = error
    }
  }
}

extension AnswerDetails {
  fileprivate init(_ summary: ResponseSummary?, state: AnswerState, startedAt: Timestamp) {
    self.init(
      state: state, model: summary?.model, usage: summary?.usage,
      finishReason: summary?.finishReason, responseID: summary?.responseID, startedAt: startedAt)
  }
}
