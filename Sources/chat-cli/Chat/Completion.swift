import SessionCore
import TerminalKit

/// What the tabulator key may put in place of the last word: the names of commands, and the ids of
/// threads behind a command that takes one.
struct Completion: Sendable {
  private let backends: Backends

  /// Threads offered at most: the newest.
  private static let threadCountMax = 50

  init(_ backends: Backends) { self.backends = backends }

  func words(for text: String) async -> [String] {
    let word = LineEditor.lastWord(of: text)
    guard word.count < text.count else {
      return Self.commands(beginningWith: word)
    }
    guard case .command(let command, _) = ChatInput(text), command.takesThread else { return [] }
    let page = PageRequest(limit: Self.threadCountMax)
    let threads = try? await backends.archive.threads(of: backends.user, page: page)
    let ids = (threads?.elements ?? []).map(\.id.description)
    return ids.filter { $0.hasPrefix(word.lowercased()) }
  }

  /// The commands that begin with `word`; only a slash says that one is meant.
  static func commands(beginningWith word: String) -> [String] {
    guard word.hasPrefix("/") else { return [] }
    return ChatCommand.allCases.flatMap(\.names).filter { $0.hasPrefix(word.lowercased()) }
  }
}

extension ChatCommand {
  fileprivate var takesThread: Bool {
    switch self {
    case .resume, .delete: true
    default: false
    }
  }
}
