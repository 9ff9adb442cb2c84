import SessionCore
import TerminalKit

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A text file that is part of a question.
struct AttachedFile: Sendable {
  /// Its name, without the folders.
  let name: String
  let text: String
  /// What is asked about it; empty for nothing in particular.
  let words: String

  /// A longer text is more than a model reads with care.
  static let byteCountMax = 1 << 20

  /// Reads the file that `argument` begins with; what stands behind it is the question. A path with
  /// spaces stands in double quotes.
  ///
  /// - Throws: ``FileError``, ``UsageError``.
  static func read(_ argument: String) async throws -> AttachedFile {
    let (typed, words) = split(argument)
    // No shell has seen it.
    let home = ProcessFacts.environment()["HOME"] ?? ""
    let path = typed.hasPrefix("~/") && !home.isEmpty ? home + typed.dropFirst() : typed
    _ = try Check.path(path, of: Phrase("/fichier", "/file"))
    let file = try InputFile(path)
    var bytes: [UInt8] = []
    while let piece = try await file.next() {
      bytes += piece
      guard bytes.count <= byteCountMax else {
        throw FileError(path, Phrase("plus d'un Mio de texte", "more than one MiB of text"))
      }
    }
    guard var text = String(validating: bytes, as: UTF8.self) else {
      throw FileError(path, Phrase("ce n'est pas du texte en UTF-8", "this is no text in UTF-8"))
    }
    text.replace("\r\n", with: "\n")
    if text.last == "\n" { text.removeLast() }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return AttachedFile(name: name, text: text, words: words)
  }

  static func split(_ argument: String) -> (path: String, words: String) {
    let rest = argument.dropFirst()
    if argument.first == "\"", let end = rest.firstIndex(of: "\"") {
      let words = rest[rest.index(after: end)...].drop(while: \.isWhitespace)
      return (String(rest[..<end]), String(words))
    }
    let path = argument.prefix { !$0.isWhitespace }
    let words = argument.dropFirst(path.count).drop(while: \.isWhitespace)
    return (String(path), String(words))
  }

  /// The question as the model reads it, the file in it.
  func question(_ texts: Texts) -> String {
    // A fence that is longer than any in the file.
    var fence = "```"
    while text.contains(fence) { fence += "`" }
    let asked = words.isEmpty ? texts.hereIsFile(name) : "\(words)\n\n\(name) :"
    return "\(asked)\n\(fence)\n\(text)\n\(fence)"
  }

  /// The file as the archive keeps it.
  func element(of question: MessageID) -> ArchiveElement {
    ArchiveElement(
      id: .generate(), message: question, name: name, kind: "text", mime: "text/plain",
      content: Data(text.utf8), createdAt: .now())
  }
}
