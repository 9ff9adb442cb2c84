/// Input that cannot be taken: one line that names what was wrong and what is accepted. It never
/// holds a secret.
struct UsageError: Error, Sendable, Hashable {
  let message: Phrase

  init(_ french: String, _ english: String) { message = Phrase(french, english) }

  /// A value that is not accepted.
  ///
  /// - Parameter text: The value; nil when it may hold a secret.
  init(_ text: String?, from origin: Origin, expected: Phrase) {
    let shown = text.map(Self.shortened)
    let french = shown.map { "« \($0) » n'est pas accepté" } ?? "cette valeur n'est pas acceptée"
    let english = shown.map { "'\($0)' is not accepted" } ?? "this value is not accepted"
    message = Phrase(
      "\(origin.described(.french)) : \(french) ; attendu : \(expected.french)",
      "\(origin.described(.english)): \(english); expected: \(expected.english)")
  }

  /// The value on one line, cut when it is long.
  static func shortened(_ text: String) -> String {
    let limit = 60
    let line = String(text.unicodeScalars.map { $0.properties.isPrintable ? Character($0) : "�" })
    return line.count <= limit ? line : line.prefix(limit) + "…"
  }
}

extension Unicode.Scalar.Properties {
  /// Whether the scalar can stand in a line without moving the cursor or changing the terminal.
  var isPrintable: Bool {
    switch generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
    default: true
    }
  }
}

/// Where a value came from.
enum Origin: Sendable, Hashable {
  case flag(OptionName)
  case environment(String)
  case dotEnv(String, line: Int)
  /// An operand of the command, by what it is called.
  case operand(Phrase)

  func described(_ language: Language) -> String {
    switch self {
    case .flag(let name): name.flag
    case .environment(let name): language("\(name) (environnement)", "\(name) (environment)")
    case .dotEnv(let name, let line):
      language("\(name) (.env, ligne \(line))", "\(name) (.env, line \(line))")
    case .operand(let name): name(language)
    }
  }
}
