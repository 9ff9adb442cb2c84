/// The language the program speaks.
enum Language: String, Sendable, CaseIterable {
  case french = "fr"
  case english = "en"

  /// Chooses between two texts.
  func callAsFunction(
    _ french: @autoclosure () -> String, _ english: @autoclosure () -> String
  ) -> String {
    switch self {
    case .french: french()
    case .english: english()
    }
  }

  /// What a library or a server said, behind a sentence of ours: whole, on one line, and without
  /// parentheses of its own.
  func because(_ reason: String) -> String {
    let said = "the database refused: "
    let reason = reason.hasPrefix(said) ? String(reason.dropFirst(said.count)) : reason
    let flat = reason.replacing(" (", with: ", ").replacing("(", with: ", ")
      .replacing(")", with: "")
    let words = flat.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.isEmpty ? "" : " (\(UsageError.shortened(words, to: 1000)))"
  }

  /// A number of things: French counts none as one.
  func count(_ number: some BinaryInteger, _ one: Phrase, _ many: Phrase) -> String {
    let isSingular = self == .french ? number < 2 : number == 1
    return "\(number) \((isSingular ? one : many)(self))"
  }
}

/// A text in both languages: for tables, and for errors that arise before the language is known.
struct Phrase: Sendable, Hashable {
  let french: String
  let english: String

  init(_ french: String, _ english: String) {
    self.french = french
    self.english = english
  }

  /// A text that is the same in both languages.
  init(_ text: String) { self.init(text, text) }

  func callAsFunction(_ language: Language) -> String { language(french, english) }
}
