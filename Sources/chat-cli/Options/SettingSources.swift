/// A text that sets something, and where it stands.
struct Sourced: Sendable, Hashable {
  let text: String
  let origin: Origin
}

/// The places where a setting may stand. A flag beats the environment, which beats `.env`.
///
/// A variable that is set to nothing counts as not set, and hides the one of the same purpose in
/// `.env`: `REDIS_URL= chat-cli` runs without the Redis that the file names.
struct SettingSources: Sendable {
  let flags: [OptionName: String]
  let environment: [String: String]
  let dotEnv: DotEnv

  /// The value of an option.
  func find(_ name: OptionName) -> Sourced? {
    if let value = flags[name] { return Sourced(text: value, origin: .flag(name)) }
    return OptionTable.option(named: name.rawValue).flatMap { find($0.variables) }
  }

  /// The value of the first of `names` that is set.
  func find(_ names: [String]) -> Sourced? {
    for layer in [inEnvironment, inDotEnv] {
      let found = names.compactMap(layer)
      if !found.isEmpty { return found.first { !$0.text.isEmpty } }
    }
    return nil
  }

  /// The address of Redis: an URL, or host and port. Whichever the higher place holds counts.
  func redis() throws(UsageError) -> Sourced? {
    if let value = flags[.redis] { return Sourced(text: value, origin: .flag(.redis)) }
    for layer in [inEnvironment, inDotEnv] {
      let parts = ["REDIS_HOST", "REDIS_PORT"].compactMap(layer)
      let url = layer("REDIS_URL")
      if let url, !url.text.isEmpty { return url }
      if parts.contains(where: { !$0.text.isEmpty }) { return try redisFromParts() }
      if url != nil || !parts.isEmpty { return nil }
    }
    return nil
  }

  private func redisFromParts() throws(UsageError) -> Sourced? {
    let host = find(["REDIS_HOST"])
    let port = find(["REDIS_PORT"])
    guard let origin = (host ?? port)?.origin else { return nil }
    let name = host?.text ?? "localhost"
    guard name.allSatisfy({ $0.isLetter || $0.isNumber || "-._:".contains($0) }) else {
      throw UsageError(
        name, from: origin,
        expected: Phrase("un nom de machine ou une adresse IP", "a host name or an IP address"))
    }
    let number = try port.map { port throws(UsageError) in
      try Check.integer(port, in: 1...65_535, of: Phrase("un port", "a port"))
    }
    let authority = name.contains(":") ? "[\(name)]" : name
    return Sourced(text: "redis://\(authority):\(number ?? 6379)", origin: origin)
  }

  private func inEnvironment(_ name: String) -> Sourced? {
    environment[name].map { Sourced(text: $0, origin: .environment(name)) }
  }

  private func inDotEnv(_ name: String) -> Sourced? {
    dotEnv.entries[name].map {
      Sourced(text: $0.value, origin: .dotEnv(name, line: $0.line))
    }
  }
}
