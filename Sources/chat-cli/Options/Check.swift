import SessionCore

/// Checks of single values. Each failure names the value, where it stands and what is accepted.
enum Check {
  static func integer(
    _ source: Sourced, in range: ClosedRange<Int>, of what: Phrase
  ) throws(UsageError) -> Int {
    let digits = source.text
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let number = Int(digits), range.contains(number)
    else {
      throw UsageError(
        source.text, from: source.origin,
        expected: Phrase(
          "\(what.french), de \(range.lowerBound) à \(range.upperBound)",
          "\(what.english), \(range.lowerBound) to \(range.upperBound)"))
    }
    return number
  }

  static func conversation(_ source: Sourced) throws(UsageError) -> ConversationID {
    guard let id = ConversationID(source.text) else {
      throw UsageError(
        source.text, from: source.origin,
        expected: Phrase(
          "un UUID, comme 8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a",
          "a UUID, like 8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a"))
    }
    return id
  }

  static func language(_ source: Sourced) throws(UsageError) -> Language {
    guard let language = Language(rawValue: source.text) else {
      throw UsageError(
        source.text, from: source.origin, expected: Phrase("fr ou en", "fr or en"))
    }
    return language
  }

  static func user(_ source: Sourced) throws(UsageError) -> UserID {
    do {
      return try UserID(source.text)
    } catch {
      throw UsageError(
        source.text, from: source.origin,
        expected: Phrase(
          "un nom de 1 à \(UserID.characterCountMax) caractères, sans blanc au début ni à la fin",
          "a name of 1 to \(UserID.characterCountMax) characters, no white space at its ends"))
    }
  }

  /// A name for a thread, without white space at its ends.
  static func threadName(_ text: String) throws(UsageError) -> String {
    do {
      return try ThreadName.checked(text)
    } catch {
      throw UsageError(
        text, from: .operand(Phrase("NOM", "NAME")),
        expected: Phrase(
          "un nom de 1 à \(ThreadName.characterCountMax) caractères",
          "a name of 1 to \(ThreadName.characterCountMax) characters"))
    }
  }

  static func search(_ source: Sourced) throws(UsageError) -> String {
    if SearchWords(source.text).words.isEmpty {
      throw UsageError(
        source.text, from: source.origin, expected: Phrase("au moins un mot", "one word at least"))
    }
    return source.text
  }

  static func judgement(_ source: Sourced) throws(UsageError) -> Feedback.Value {
    guard let value = Feedback.Value(rawValue: source.text) else {
      throw UsageError(
        source.text, from: source.origin, expected: Phrase("up ou down", "up or down"))
    }
    return value
  }

  /// The models of a list, in its order, each once.
  static func models(_ source: Sourced) throws(UsageError) -> [String] {
    var models: [String] = []
    for part in source.text.split(separator: ",", omittingEmptySubsequences: false) {
      var name = part.drop(while: \.isWhitespace)
      while name.last?.isWhitespace == true { name.removeLast() }
      let isName =
        !name.isEmpty && name.utf8.count <= 100 && name.first != "-" && name.first != "."
        && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._:/@".contains($0)) }
      guard isName else {
        throw UsageError(
          source.text, from: source.origin,
          expected: Phrase(
            "des noms de modèles séparés par des virgules, comme \(OptionTable.exampleModel)",
            "names of models separated by commas, like \(OptionTable.exampleModel)"))
      }
      if !models.contains(String(name)) { models.append(String(name)) }
    }
    return models
  }

  /// A key: it goes into a header line, and is never shown.
  static func key(_ source: Sourced) throws(UsageError) -> Secret {
    guard source.text.allSatisfy({ $0.isASCII && !$0.isWhitespace && !$0.isNewline }),
      source.text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else {
      throw UsageError(
        nil, from: source.origin,
        expected: Phrase("une clé sans espaces ni accents", "a key without spaces or accents"))
    }
    return Secret(source.text)
  }

  /// A path that somebody typed.
  static func path(_ text: String, of command: Phrase) throws(UsageError) -> String {
    guard !text.isEmpty, !text.contains("\0") else {
      throw UsageError(
        text, from: .operand(command), expected: Phrase("un fichier", "a file"))
    }
    return text
  }
}
