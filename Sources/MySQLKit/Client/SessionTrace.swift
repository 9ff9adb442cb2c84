/// What a statement may leave behind in the session that runs it, for whoever uses it next.
///
/// Told by the statement's words. Those that are known to leave nothing are listed; whatever is not
/// counts as leaving something: `SET`, `USE`, `LOCK TABLES`, `PREPARE`, `START TRANSACTION`, and
/// `CALL`, whose procedure may do any of these.
enum SessionTrace {
  case nothing
  case unknown

  private static let harmless: Set<String> = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "TABLE", "SHOW",
    "DESCRIBE",
    "DESC", "EXPLAIN", "ANALYZE", "CHECK", "CHECKSUM", "OPTIMIZE", "REPAIR", "CREATE", "ALTER",
    "DROP", "TRUNCATE", "RENAME", "DO", "KILL", "GRANT", "REVOKE",
  ]

  /// Parts of such statements that leave something all the same: a named lock, a variable, what a
  /// comment for some servers holds.
  private static let marks = ["GET_LOCK", ":=", "INTO @", "INTO@", "/*!", "/*M!"]

  init(of sql: String) {
    let text = sql.utf8.map { (97...122).contains($0) ? $0 - 32 : $0 }
    let word = String(decoding: Self.firstWord(text), as: UTF8.self)
    let marks = word == "CREATE" ? Self.marks + ["TEMPORARY"] : Self.marks
    let isHarmless =
      Self.harmless.contains(word) && !marks.contains { Self.holds(text, Array($0.utf8)) }
    self = isHarmless ? .nothing : .unknown
  }

  /// The first word behind spaces, brackets and comments.
  private static func firstWord(_ text: [UInt8]) -> ArraySlice<UInt8> {
    var rest = text[...]
    while let first = rest.first {
      if rest.starts(with: "/*".utf8) {
        rest = afterFirst("*/", in: rest)
      } else if first == UInt8(ascii: "#") || rest.starts(with: "--".utf8) {
        rest = afterFirst("\n", in: rest)
      } else if (65...90).contains(first) {
        return rest.prefix { (65...90).contains($0) }
      } else if first <= 32 || first == UInt8(ascii: "(") {
        rest.removeFirst()
      } else {
        return []
      }
    }
    return []
  }

  private static func afterFirst(_ mark: String, in text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = text
    while !rest.isEmpty, !rest.starts(with: mark.utf8) { rest.removeFirst() }
    return rest.dropFirst(mark.utf8.count)
  }

  /// Whether `mark` is somewhere in the text; spaces in it stand for any number of them.
  private static func holds(_ text: [UInt8], _ mark: [UInt8]) -> Bool {
    text.indices.contains { index in
      var place = index
      for byte in mark {
        if byte == 32 {
          guard place < text.count, text[place] <= 32 else { return false }
          while place < text.count, text[place] <= 32 { place += 1 }
        } else {
          guard place < text.count, text[place] == byte else { return false }
          place += 1
        }
      }
      return true
    }
  }
}
