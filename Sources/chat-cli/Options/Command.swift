/// What the program is to do, with its operands checked.
enum Command: Sendable, Hashable {
  case chat
  case ask(String)
  case sessions
  case threads
  case show(ThreadReference)
  case resume(ThreadReference)
  case rename(ThreadReference, name: String)
  case delete(ThreadReference)
  case demo

  init(_ line: ParsedCommandLine) throws(UsageError) {
    let operands = try Operands(line)
    self =
      switch line.command.name {
      case .chat: .chat
      case .ask: .ask(try operands.text())
      case .sessions: .sessions
      case .threads: .threads
      case .show: .show(try operands.thread())
      case .resume: .resume(try operands.thread())
      case .rename: .rename(try operands.thread(), name: try operands.text())
      case .delete: .delete(try operands.thread())
      case .demo: .demo
      }
  }
}

/// The words behind a command, as its description says they are.
private struct Operands {
  private let description: CommandDescription
  private var words: ArraySlice<String>
  private var threadWord: String?

  init(_ line: ParsedCommandLine) throws(UsageError) {
    description = line.command
    words = line.operands[...]
    switch line.command.operands {
    case .none, .text: break
    case .thread, .threadAndText: threadWord = words.popFirst()
    }
    switch line.command.operands {
    case .text, .threadAndText: break
    case .none, .thread:
      guard let extra = words.first else { break }
      let shown = UsageError.shortened(extra)
      let name = description.name.rawValue
      throw UsageError(
        "« \(shown) » est de trop ; attendu : \(usage(.french))",
        "'\(shown)' is one word too many for '\(name)'; expected: \(usage(.english))")
    }
  }

  func thread() throws(UsageError) -> ThreadReference {
    guard let threadWord else { throw missing(Phrase("la discussion", "the thread")) }
    return try ThreadReference(
      Sourced(text: threadWord, origin: .operand(Phrase("DISCUSSION", "THREAD"))))
  }

  func text() throws(UsageError) -> String {
    let text = words.joined(separator: " ")
    guard !text.allSatisfy(\.isWhitespace) else { throw missing(Phrase("le texte", "the text")) }
    return text
  }

  private func missing(_ what: Phrase) -> UsageError {
    UsageError(
      "il manque \(what.french) ; attendu : \(usage(.french))",
      "\(what.english) is missing; expected: \(usage(.english))")
  }

  private func usage(_ language: Language) -> String {
    "chat-cli \(description.name.rawValue) \(description.synopsis(language))"
  }
}
