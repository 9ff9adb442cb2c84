import LLMKit
import SessionCore

extension Runner {
  func ask(_ text: String) async throws -> ExitCode {
    let backends = try await connect(.turns)
    let id = settings.session ?? .generate()
    try await adopt(id, backends)
    do {
      return try await turn(text, in: id, backends)
    } catch is CancellationError {
      await console.note(texts.answerStopped)
      return .interrupted
    }
  }

  /// One turn, shown as it comes. `failed` when there is no answer, or not all of it.
  func turn(
    _ text: String, named question: MessageID? = nil, in id: ConversationID, _ backends: Backends
  ) async throws -> ExitCode {
    await reporter.begin()
    let question = question ?? .generate()
    var code = ExitCode.failed
    do {
      let events = backends.service.stream(
        text, in: id, as: settings.user, options: TurnOptions(questionID: question))
      for try await event in events {
        guard case .finished(let turn) = event else {
          try await reporter.report(event, in: id)
          continue
        }
        try await reporter.endLine()
        if settings.isJSON {
          try await console.answerLine(
            JSONLine.of(
              TurnObject(
                question: turn.question, answer: turn.answer, in: id,
                reason: turn.failure?.reason ?? reporter.fallbackReason)))
        }
        try await reporter.end(turn)
        code = turn.failure == nil ? .done : .failed
      }
    } catch {
      try await reporter.endLine()
      if error is CancellationError, settings.isJSON {
        await showStopped(text, named: question, in: id, backends)
      }
      throw error
    }
    return code
  }

  /// One turn that a file is part of: the model reads it, and the archive keeps it.
  func turn(
    with file: AttachedFile, in id: ConversationID, _ backends: Backends
  ) async throws -> ExitCode {
    let question = MessageID.generate()
    let code = try await turn(file.question(texts), named: question, in: id, backends)
    try await backends.archive.attach(
      file.element(of: question), to: id, of: settings.user)
    return code
  }

  func chat() async throws -> ExitCode {
    let backends = try await connect(.turns)
    let id = settings.session ?? .generate()
    try await adopt(id, backends)
    return try await ChatLoop(runner: self, backends: backends, conversation: id).run()
  }

  func chat(in reference: ThreadReference) async throws -> ExitCode {
    let backends = try await connect(.turns)
    let id = try await backends.resolve(reference)
    let loop = try ChatLoop(runner: self, backends: backends, conversation: id)
    try await loop.enter(id)
    return try await loop.run()
  }
}
