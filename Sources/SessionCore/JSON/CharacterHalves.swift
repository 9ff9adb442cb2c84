/// The halves in which JSON escapes write a character beyond the first 65,536, where one of them
/// is in another text: a stream may cut between the two.
struct CharacterHalves {
  /// The first half that the text before ended in.
  private var before: UInt32?
  /// The first half that this text ends in.
  private var after: UInt32?

  init(before: UInt32?) { self.before = before }

  /// Takes one escaped unit. Nil: it is for the reader. Empty: it waits for its other half.
  ///
  /// - Parameters:
  ///   - isFirst: Whether nothing is before it in its text.
  ///   - isLast: Whether nothing is behind it.
  mutating func take(_ unit: UInt32, isFirst: Bool, isLast: Bool) -> String? {
    if let first = before, isFirst, unit & 0xFC00 == 0xDC00 {
      before = nil
      let joined = Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + (unit & 0x3FF))
      return joined.map { String(Character($0)) } ?? "\u{FFFD}"
    }
    guard isLast, unit & 0xFC00 == 0xD800 else { return nil }
    after = unit
    return ""
  }

  /// The text, behind a mark for a half whose other half did not come.
  ///
  /// - Parameter half: Set to the one that the next text has to go on from.
  func joined(to text: String, _ half: inout UInt32?) -> String {
    let isLost = before != nil && (!text.isEmpty || after != nil)
    half = after ?? (isLost ? nil : before)
    return isLost ? "\u{FFFD}" + text : text
  }
}
