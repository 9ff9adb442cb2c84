/// The editing of one message: takes keys, and says what is to be done. It reads and writes
/// nothing.
package struct LineEditor: Sendable {
  enum Action: Sendable, Hashable {
    /// Show the text as it is now.
    case redraw
    case submit(String)
    /// Find out how what stands before the cursor may go on, and call ``complete(with:)``.
    case complete(String)
    case clearScreen
    case suspend
    /// Nothing was typed and Ctrl-C pressed: leave.
    case leave
    /// Something was typed and Ctrl-C pressed: it was dropped.
    case dropped
    case endOfInput
  }

  private(set) var buffer: LineBuffer
  private let history: [String]
  /// The place in the history; its end is what is being typed.
  private var place: Int
  private var draft = ""

  /// - Parameters:
  ///   - history: Oldest first.
  ///   - text: What stands there already.
  init(history: [String] = [], text: String = "") {
    self.history = history
    buffer = LineBuffer(text)
    place = history.count
  }

  /// Takes one key. Nil: nothing changed.
  mutating func take(_ key: Key) -> Action? {
    switch key {
    case .enter: return enter()
    case .tab: return .complete(buffer.before)
    case .clearScreen: return .clearScreen
    case .suspend: return .suspend
    case .interrupt: return interrupt()
    case .endOfInput:
      if buffer.isEmpty { return .endOfInput }
      buffer.delete()
    case .up: if !buffer.lineUp() { go(to: place - 1) }
    case .down: if !buffer.lineDown() { go(to: place + 1) }
    default: edit(key)
    }
    return .redraw
  }

  private mutating func edit(_ key: Key) {
    switch key {
    case .text(let text), .paste(let text): buffer.insert(text)
    case .backspace: buffer.backspace()
    case .delete: buffer.delete()
    case .left: buffer.left()
    case .right: buffer.right()
    case .home: buffer.home()
    case .end: buffer.end()
    case .wordLeft: buffer.wordLeft()
    case .wordRight: buffer.wordRight()
    case .killToEnd: buffer.killToEnd()
    case .killToStart: buffer.killToStart()
    case .killWord: buffer.killWord()
    case .killWordAhead: buffer.killWordAhead()
    default: break
    }
  }

  /// A backslash at the end means that the message goes on.
  private mutating func enter() -> Action {
    if buffer.after.isEmpty, buffer.before.last == "\\" {
      buffer.backspace()
      buffer.insert("\n")
      return .redraw
    }
    return .submit(buffer.text)
  }

  private mutating func interrupt() -> Action {
    guard !buffer.isEmpty else { return .leave }
    buffer = LineBuffer()
    place = history.count
    return .dropped
  }

  private mutating func go(to target: Int) {
    guard (0...history.count).contains(target), target != place else { return }
    if place == history.count { draft = buffer.text }
    place = target
    buffer = LineBuffer(target == history.count ? draft : history[target])
  }

  /// Goes on with what all of `candidates`, which may stand in place of the last word before the
  /// cursor, have in common.
  ///
  /// - Returns: The candidates to show, when there is nothing to add and more than one of them.
  mutating func complete(with candidates: [String]) -> [String] {
    guard let first = candidates.first else { return [] }
    let word = Self.lastWord(of: buffer.before)
    var common = first[...]
    for candidate in candidates.dropFirst() {
      common = common.commonPrefix(with: candidate)
    }
    if candidates.count == 1 { common = Substring(first + " ") }
    guard common.count > word.count else { return candidates.count > 1 ? candidates : [] }
    for _ in word { buffer.backspace() }
    buffer.insert(String(common))
    return []
  }

  /// The word that a completion replaces.
  package static func lastWord(of text: String) -> String {
    String(text.reversed().prefix { !$0.isWhitespace }.reversed())
  }
}

extension Substring {
  fileprivate func commonPrefix(with other: String) -> Substring {
    let count = zip(self, other).prefix { $0 == $1 }.count
    return prefix(count)
  }
}
