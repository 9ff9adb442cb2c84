/// The name of a thread.
public enum ThreadName {
  /// The longest name, in characters (Unicode scalars, as databases count).
  public static let characterCountMax = 255

  /// The name of a thread that begins with `text`: its first line that is not blank, cut at a
  /// character with `…` when it is too long. Nil when there is nothing to name it after.
  public static func suggested(by text: String) -> String? {
    let line = text.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) }
    guard let line else { return nil }
    var name = ""
    var scalarCount = 0
    for character in line.drop(while: \.isWhitespace) {
      let size = character.unicodeScalars.count
      guard scalarCount + size <= characterCountMax else {
        while scalarCount > characterCountMax - 1, let last = name.popLast() {
          scalarCount -= last.unicodeScalars.count
        }
        return name + "…"
      }
      name.append(character)
      scalarCount += size
    }
    while name.last?.isWhitespace == true { name.removeLast() }
    return name
  }

  /// A name that a person chose, as it is stored: without white space at its ends.
  ///
  /// - Throws: ``ArchiveError`` with ``ArchiveError/Code/tooLarge`` for one that is too long, and
  ///   ``ArchiveError/Code/refused`` for one with nothing in it.
  public static func checked(_ name: String) throws(ArchiveError) -> String {
    var name = name[...]
    while name.first?.isWhitespace == true { name.removeFirst() }
    while name.last?.isWhitespace == true { name.removeLast() }
    if name.isEmpty { throw ArchiveError(code: .refused, reason: "a name cannot be empty") }
    if name.unicodeScalars.count > characterCountMax {
      throw ArchiveError(
        code: .tooLarge, reason: "a name has at most \(characterCountMax) characters")
    }
    return String(name)
  }
}
