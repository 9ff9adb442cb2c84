import TerminalKit

/// Input that cannot be taken: one line that names what was wrong and what is accepted. It never
/// holds a secret.
struct UsageError: Error, Sendable, Hashable {
  let message: Phrase
  /// Where the value stands that cannot be used, if it is one.
  let origin: Origin?

  init(_ french: String, _ english: String) {
    message = Phrase(french, english)
    origin = nil
  }

  /// A value that is not accepted.
  ///
  /// - Parameter text: The value; nil when it may hold a secret.
  init(_ text: String?, from origin: Origin, expected: Phrase) {
    let shown = text.map { Self.shortened($0) }
    let what = Phrase(
      shown.map { "« \($0) » n'est pas accepté" } ?? "cette valeur n'est pas acceptée",
      shown.map { "'\($0)' is not accepted" } ?? "this value is not accepted")
    self.init(at: origin, what, expected: expected)
  }

  /// What is wrong with a value, and what is accepted. Of a value in `.env` it is said how to do
  /// without the file, which may be another program's.
  init(at origin: Origin, _ what: Phrase, expected: Phrase) {
    let isInFile = if case .dotEnv = origin { true } else { false }
    let without = Phrase(" ; « --env-file none » passe outre", "; '--env-file none' does without")
    message = Phrase(
      "\(origin.described(.french)) : \(what.french) ; attendu : \(expected.french)"
        + (isInFile ? without.french : ""),
      "\(origin.described(.english)): \(what.english); expected: \(expected.english)"
        + (isInFile ? without.english : ""))
    self.origin = origin
  }

  /// The value on one line, cut when it is long.
  static func shortened(_ text: String, to limit: Int = 60) -> String {
    let line = String(text.unicodeScalars.map { $0.isPrintable ? Character($0) : "�" })
    return line.count <= limit ? line : line.prefix(limit) + "…"
  }
}

/// Where a value came from.
enum Origin: Sendable, Hashable {
  case flag(OptionName)
  case environment(String)
  /// In the file of that path; nil for the one of the working directory.
  case dotEnv(String, line: Int, path: String?)
  /// An operand of the command, by what it is called.
  case operand(Phrase)

  func described(_ language: Language) -> String {
    switch self {
    case .flag(let name): name.flag
    case .environment(let name): language("\(name) (environnement)", "\(name) (environment)")
    case .dotEnv(let name, let line, let path):
      language(
        "\(name) (\(path ?? ".env"), ligne \(line))", "\(name) (\(path ?? ".env"), line \(line))")
    case .operand(let name): name(language)
    }
  }
}
