import SessionCore

/// Where a key may go.
extension Check {
  /// Refuses an address that is not meant for a key, or would carry it in clear.
  ///
  /// An address from the `.env` of the working directory takes no key that came from elsewhere: the
  /// directory may be anybody's. A file that somebody named is that somebody's own.
  static func key(_ key: Sourced?, mayGoTo address: Sourced?) throws(UsageError) {
    guard let key, let address else { return }
    if case .dotEnv(_, _, nil) = address.origin {
      guard case .dotEnv = key.origin else {
        throw UsageError(
          at: address.origin,
          Phrase(
            "cette adresse ne reçoit pas la clé \(key.origin.described(.french)), qui vient "
              + "d'ailleurs",
            "this address does not get the key \(key.origin.described(.english)), which came from "
              + "elsewhere"),
          expected: Phrase("les deux au même endroit", "both in the same place"))
      }
    }
    guard address.text.lowercased().hasPrefix("http://"), !isLoopback(address.text) else { return }
    throw UsageError(
      at: address.origin,
      Phrase("une clé n'est pas envoyée en clair", "a key is not sent in clear"),
      expected: Phrase(
        "https://…, ou une adresse de cette machine, ou pas de clé",
        "https://…, or an address of this machine, or no key"))
  }

  /// Whether an address that begins with `http://` is this machine's own.
  static func isLoopback(_ address: String) -> Bool {
    let place = address.lowercased().dropFirst("http://".count).prefix { !"/?#".contains($0) }
    if place.hasPrefix("[") { return place == "[::1]" || place.hasPrefix("[::1]:") }
    let parts = place.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let host = parts.first, parts.dropFirst().allSatisfy({ $0.allSatisfy(\.isNumber) }) else {
      return false
    }
    if host == "localhost" || host.hasSuffix(".localhost") { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127"
      && numbers.allSatisfy { $0.allSatisfy(\.isASCII) && UInt8($0) != nil }
  }

  /// Makes a configuration of an address that may hold a password. What the libraries say of one
  /// that they do not take is shown only if it repeats nothing of it: a part that was not
  /// understood may be a part of the password.
  static func configuration<Configuration>(
    _ address: Settings.Address, like example: Phrase, _ make: (String) throws -> Configuration
  ) throws(UsageError) -> Configuration {
    let url = address.url.revealed
    guard !isAmbiguous(url) else {
      throw UsageError(at: address.origin, unescaped, expected: example)
    }
    do {
      return try make(url)
    } catch {
      let reason = "\(error)"
      let isSafe = !repeats(reason, url)
      let shown = Phrase("adresse inutilisable (\(reason))", "unusable address (\(reason))")
      throw UsageError(at: address.origin, isSafe ? shown : unescaped, expected: example)
    }
  }

  private static let unescaped = Phrase(
    "adresse illisible : dans un mot de passe @ s'écrit %40, / %2F, ? %3F, # %23, % %25",
    "unreadable address: in a password @ is written %40, / %2F, ? %3F, # %23, % %25")

  /// Whether an `@` stands where no reader of addresses looks for the end of a password.
  private static func isAmbiguous(_ url: String) -> Bool {
    let parts = url.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = parts.last ?? ""
    let authority = rest.prefix { !"/?#".contains($0) }
    let behind = rest.dropFirst(authority.count)
    return !url.contains("unix://") && behind.prefix { $0 != "?" }.contains("@")
  }

  /// Whether a reason holds a piece of an address, other than words that all addresses share.
  private static func repeats(_ reason: String, _ url: String) -> Bool {
    let common: Set<Substring> = [
      "redis", "rediss", "unix", "mysql", "mariadb", "cluster", "sentinel", "http", "https",
    ]
    return url.split { !$0.isLetter && !$0.isNumber }.contains { piece in
      piece.count > 1 && !common.contains(piece) && reason.contains(piece)
    }
  }
}
