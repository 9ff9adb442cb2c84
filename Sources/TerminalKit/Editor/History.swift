import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The file of what was typed cannot be removed.
package struct HistoryError: Error, CustomStringConvertible {
  package let description: String
}

/// What was typed before, kept between runs in a file that its owner alone can read. A failure to
/// read or write it is no failure of the chat.
package final class History: Sendable {
  /// Messages kept; the file is cut back when it holds twice as many.
  static let entryCountMax = 1000

  private let path: String?
  private let kept: Locked<[String]>

  /// - Parameter path: Nil keeps nothing.
  package init(path: String?) {
    self.path = path
    let bytes = path.map { PrivateFile.contents(of: $0) } ?? []
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let entries = lines.map { Self.unescaped($0) }
    kept = Locked(Array(entries.suffix(Self.entryCountMax)))
    if entries.count > 2 * Self.entryCountMax, let path { cutBack(path) }
  }

  /// Oldest first.
  var entries: [String] { kept.withLock { $0 } }

  /// Adds what was typed, unless it was typed just before.
  func add(_ text: String) {
    guard !text.allSatisfy(\.isWhitespace) else { return }
    let isNew = kept.withLock { entries in
      guard entries.last != text else { return false }
      entries.append(text)
      entries.removeFirst(max(0, entries.count - Self.entryCountMax))
      return true
    }
    guard isNew, let path else { return }
    let descriptor = PrivateFile.open(path, O_WRONLY | O_APPEND | O_CREAT)
    guard descriptor >= 0 else { return }
    // One write for a line: those of several chats do not mix.
    let line = Array((Self.escaped(text) + "\n").utf8)
    _ = write(descriptor, line, line.count)
    close(descriptor)
  }

  /// Removes the file with all that was typed, and returns how many messages it held.
  ///
  /// - Throws: When the file is there and cannot be removed.
  package static func erase(_ path: String) throws(HistoryError) -> Int {
    let count = History(path: path).entries.count
    guard unlink(path) == 0 || errno == ENOENT else {
      throw HistoryError(description: "\(path): \(String(cString: strerror(errno)))")
    }
    return count
  }

  private func cutBack(_ path: String) {
    let text = entries.map { Self.escaped($0) + "\n" }.joined()
    let temporary = "\(path).\(getpid())"
    let descriptor = PrivateFile.open(temporary, O_WRONLY | O_CREAT | O_TRUNC)
    guard descriptor >= 0 else { return }
    let bytes = Array(text.utf8)
    let isWhole = write(descriptor, bytes, bytes.count) == bytes.count
    close(descriptor)
    if isWhole { rename(temporary, path) } else { unlink(temporary) }
  }

  static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\r", with: "\\r")
  }

  static func unescaped(_ line: Substring) -> String {
    var text = ""
    var isEscaped = false
    for character in line {
      if isEscaped {
        text.append(character == "n" ? "\n" : character == "r" ? "\r" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        text.append(character)
      }
    }
    return text
  }
}
