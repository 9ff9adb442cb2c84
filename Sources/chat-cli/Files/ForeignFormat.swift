/// Tells files apart that people import by mistake, by their first bytes.
enum ForeignFormat {
  /// Refuses what begins like something else than text in UTF-8.
  static func check(_ start: [UInt8], of name: String) throws(FileError) {
    if let reason = reason(against: start.prefix(512)) { throw FileError(name, reason) }
  }

  private static func reason(against start: ArraySlice<UInt8>) -> Phrase? {
    func begins(_ bytes: UInt8...) -> Bool { start.starts(with: bytes) }
    if begins(0x50, 0x4B, 0x03, 0x04) || begins(0x50, 0x4B, 0x05, 0x06) {
      return Phrase(
        "c'est une archive zip : décompressez-la et importez le conversations.json qu'elle contient",
        "this is a zip file: unpack it, and import the conversations.json in it")
    }
    if begins(0x1F, 0x8B) || begins(0x28, 0xB5, 0x2F, 0xFD) || begins(0x42, 0x5A, 0x68)
      || begins(0xFD, 0x37, 0x7A) || begins(0x37, 0x7A, 0xBC, 0xAF)
    {
      return Phrase(
        "ce fichier est compressé : décompressez-le d'abord",
        "this file is compressed: unpack it first")
    }
    let text = start.drop { $0 == 0x20 || (9...13).contains($0) }
    let isWide = text.dropFirst().first == 0 || (text.first == 0 && text.dropFirst().first != 0)
    if begins(0xFF, 0xFE) || begins(0xFE, 0xFF) || begins(0, 0, 0xFE, 0xFF) || isWide {
      return Phrase(
        "ce texte n'est pas en UTF-8 : convertissez-le d'abord (iconv -f UTF-16 -t UTF-8)",
        "this text is not UTF-8: convert it first (iconv -f UTF-16 -t UTF-8)")
    }
    if text.first == UInt8(ascii: "<") {
      return Phrase(
        "c'est une page web : importez le conversations.json à côté d'elle",
        "this is a web page: import the conversations.json beside it")
    }
    if text.starts(with: "%PDF".utf8) || text.starts(with: "SQLite format".utf8) {
      return Phrase("ce n'est pas un fichier texte", "this is no text file")
    }
    return nil
  }
}
