import SessionCore

extension Runner {
  /// Prints the object of a turn that was stopped. What was shown of the answer is stored by then.
  func showStopped(
    _ text: String, named question: MessageID, in id: ConversationID, _ backends: Backends
  ) async {
    // A task of its own, because this one is cancelled.
    await Task {
      let stored = try? await backends.service.open(id, as: settings.user).messages
      let asked = stored?.first { $0.id == question }
      let answer = stored?.first { $0.id == question.answer }
      let object = TurnObject(
        question: asked ?? Message(id: question, role: .user, content: text, createdAt: .now()),
        answer: answer
          ?? Message(
            id: question.answer, role: .assistant, content: "", createdAt: .now(),
            answer: AnswerDetails(state: .partial)),
        in: id, reason: texts.language("arrêtée", "stopped"))
      // Nobody is left to be told that nobody reads.
      if let line = try? JSONLine.of(object) { try? await console.answerLine(line) }
    }.value
  }
}
