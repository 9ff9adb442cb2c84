import LLMKit
import SessionCore

extension Runner {
  func fork(_ reference: ThreadReference) async throws {
    let backends = try await connect(.archive)
    _ = try await fork(try await backends.resolve(reference), backends)
  }

  /// Copies a thread up to its last message, and returns the name of the copy.
  func fork(_ id: ConversationID, _ backends: Backends) async throws -> ConversationID {
    try await adopt(id, backends)
    let last = try await backends.archive.newestMessages(in: id, of: settings.user, limit: 1).last
    guard let last else { throw ArchiveError(code: .notFound, reason: "no such conversation") }
    let copy = try await backends.service.fork(id, as: settings.user, through: last.id)
    if settings.isJSON {
      try await console.answerLine(
        JSONLine.of(ForkObject(id: copy.id, origin: id, messages: copy.messageCount)))
    } else {
      await console.note(texts.forked(id, copy))
    }
    return copy.id
  }

  func pin(_ reference: ThreadReference, _ isPinned: Bool) async throws {
    let backends = try await connect(.both)
    try await pin(try await backends.resolve(reference), isPinned, backends)
  }

  func pin(_ id: ConversationID, _ isPinned: Bool, _ backends: Backends) async throws {
    try await adopt(id, backends)
    try await reporting(in: id) { report in
      try await backends.service.setPinned(isPinned, id, as: settings.user, report: report)
    }
    if settings.isJSON {
      try await console.answerLine(JSONLine.of(PinObject(id: id, pinned: isPinned)))
    } else {
      await console.note(texts.pinned(id, isPinned))
    }
  }

  func judge(_ reference: ThreadReference, _ value: Feedback.Value?) async throws {
    let backends = try await connect(.archive)
    let id = try await backends.resolve(reference)
    try await judge(id, value, comment: settings.comment ?? "", backends)
  }

  /// Judges the last answer of a thread.
  func judge(
    _ id: ConversationID, _ value: Feedback.Value?, comment: String, _ backends: Backends
  ) async throws {
    // Behind the last answer there may be questions that nobody answered.
    let newest = try await backends.archive.newestMessages(
      in: id, of: settings.user, limit: Self.judgedAmongCount)
    guard let answer = newest.last(where: { $0.role == .assistant }) else {
      throw UsageError(
        "il n'y a pas de réponse à juger dans cette discussion",
        "there is no answer to judge in this thread")
    }
    let comment = comment.isEmpty ? nil : comment
    try await backends.service.judge(
      answer.id, in: id, as: settings.user, value.map { Feedback(value: $0, comment: comment) })
    trace(value, comment: comment, on: answer.id, in: id)
    if settings.isJSON {
      try await console.answerLine(
        JSONLine.of(
          FeedbackObject(
            thread: id, message: answer.id, feedback: value?.rawValue,
            comment: value == nil ? nil : comment)))
    } else {
      await console.note(texts.judged(value))
    }
  }

  private func trace(
    _ value: Feedback.Value?, comment: String?, on answer: MessageID, in id: ConversationID
  ) {
    let name = "\(answer)-feedback"
    guard let value else {
      wiring.models.tracer?.removeScore(name)
      return
    }
    wiring.models.tracer?.record(
      TraceScore(feedback: name, on: answer, in: id, isUp: value == .up, comment: comment))
  }

  private static let judgedAmongCount = 100
}
