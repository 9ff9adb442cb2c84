import SessionCore

extension Runner {
  /// Prints the script for a shell; with words, how they may go on.
  func complete(_ shell: Shell, _ words: [String]) async throws {
    guard !words.isEmpty else {
      return try await console.answer(CompletionScript.script(for: shell))
    }
    let completions = Completions(words, settings.language)
    for (word, help) in completions.candidates {
      try await console.answerLine(Completions.line(word, help, for: shell))
    }
    guard completions.takesThread else { return }
    let backends = try await connect(.archive)
    let page = try await backends.archive.threads(of: settings.user, page: PageRequest(limit: 100))
    for thread in page.elements where thread.id.description.hasPrefix(completions.start) {
      let name = UsageError.shortened(thread.name ?? texts.unnamed)
      try await console.answerLine(Completions.line("\(thread.id)", name, for: shell))
    }
  }
}
