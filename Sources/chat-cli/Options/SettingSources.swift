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
  func find(_ name: OptionName) throws(UsageError) -> Sourced? {
    if let value = flags[name] { return Sourced(text: value, origin: .flag(name)) }
    guard let option = OptionTable.option(named: name.rawValue) else { return nil }
    return try find(option.variables)
  }

  /// The value of the first of `names` that is set.
  func find(_ names: [String]) throws(UsageError) -> Sourced? {
    for layer in layers {
      var found: [Sourced] = []
      for name in names { if let value = try layer(name) { found.append(value) } }
      if !found.isEmpty { return found.first { !$0.text.isEmpty } }
    }
    return nil
  }

  /// The names of the variables that count because the file sets them.
  var setByFile: [String] {
    let hidden = OptionTable.variables.filter { $0.names.contains { environment[$0] != nil } }
    return dotEnv.entries.filter { !($0.value.value ?? "").isEmpty }.keys
      .filter { name in !hidden.contains { $0.names.contains(name) } }.sorted()
  }

  private typealias Layer = (String) throws(UsageError) -> Sourced?

  private var layers: [Layer] { [inEnvironment, inDotEnv] }

  /// The address of Redis: an URL, or host and port. Whichever the higher place holds counts.
  func redis() throws(UsageError) -> Sourced? {
    if let value = flags[.redis] { return Sourced(text: value, origin: .flag(.redis)) }
    for layer in layers {
      let parts = [try layer("REDIS_HOST"), try layer("REDIS_PORT")].compactMap(\.self)
      let url = try layer("REDIS_URL")
      if let url, !url.text.isEmpty { return url }
      if parts.contains(where: { !$0.text.isEmpty }) { return try redisFromParts() }
      if url != nil || !parts.isEmpty { return nil }
    }
    return nil
  }

  private func redisFromParts() throws(UsageError) -> Sourced? {
    let host = try find(["REDIS_HOST"])
    let port = try find(["REDIS_PORT"])
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

  private func inDotEnv(_ name: String) throws(UsageError) -> Sourced? {
    guard let entry = dotEnv.entries[name] else { return nil }
    let origin = Origin.dotEnv(name, line: entry.line, path: dotEnv.path)
    guard let value = entry.value else {
      throw UsageError(
        at: origin, Phrase("illisible", "cannot be read"),
        expected: Phrase("NOM=valeur, en UTF-8", "NAME=value, in UTF-8"))
    }
    return Sourced(text: value, origin: origin)
  }
}
