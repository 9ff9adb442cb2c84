import SessionCore

extension RedisConfiguration {
  /// Reads `redis://[[user]:password@]host[:port][/database]`, the same with `rediss://` for TLS,
  /// or `unix:///path[?db=database]`.
  ///
  /// A cluster is `redis+cluster://[[user]:password@]host[:port][,host[:port]…]`, with any of its
  /// nodes, and `rediss+cluster://` with TLS. A primary behind sentinels is
  /// `redis+sentinel://[[user]:password@]host[:port][,host[:port]…]/name[/database]`, where user
  /// and password are those of the primary; its query may set `sentinel-user` and
  /// `sentinel-password`.
  ///
  /// User and password may be percent-encoded, and so may the values of a query, which may set
  /// `db`, `user` and `password`, and with TLS `ca`, `cert` and `key`, the names of PEM files. An
  /// IPv6 address stands in brackets. Nothing else is accepted.
  ///
  /// - Throws: ``RedisError`` with code ``RedisError/Code/invalidConfiguration``, which says what
  ///   is wrong and repeats nothing of the URL.
  public init(url: String) throws {
    guard let separator = url.firstRange(of: "://") else {
      throw Self.unknownScheme
    }
    let scheme = url[..<separator.lowerBound].lowercased()
    var rest = url[separator.upperBound...]
    if rest.contains("#") { throw Self.invalid("it cannot hold a # (write %23)") }
    var query: Substring?
    if let mark = rest.firstIndex(of: "?") {
      query = rest[rest.index(after: mark)...]
      rest = rest[..<mark]
    }
    switch scheme {
    case "redis": self = try Self.readTCP(rest)
    case "rediss":
      self = try Self.readTCP(rest)
      tls = TLS()
    case "unix", "redis+unix":
      let path = try Self.decode(rest, what: "the path")
      guard path.hasPrefix("/"), path.utf8.count > 1 else {
        throw Self.invalid("unix:// must be followed by the absolute path of a socket")
      }
      self.init(address: .unix(path: path))
    case "redis+cluster": self = try Self.readCluster(rest)
    case "rediss+cluster":
      self = try Self.readCluster(rest)
      tls = TLS()
    case "redis+sentinel": self = try Self.readSentinels(rest)
    case "rediss+sentinel": throw Self.invalid("TLS with sentinels is not supported")
    default: throw Self.unknownScheme
    }
    if let query { try readQuery(query) }
    if user != nil, password == nil {
      throw Self.invalid("a user needs a password (redis://user:password@host)")
    }
    try checkTopology()
  }

  private static func readTCP(_ rest: Substring) throws -> RedisConfiguration {
    let parts = try readAuthority(rest)
    var configuration = RedisConfiguration(
      address: try readHost(parts.hosts), user: parts.user, password: parts.password)
    if !parts.path.isEmpty { configuration.database = try readDatabase(parts.path) }
    return configuration
  }

  /// What stands before the path, taken apart, and the path.
  static func readAuthority(
    _ rest: Substring
  ) throws -> (user: String?, password: Secret?, hosts: Substring, path: Substring) {
    var authority = rest
    var path: Substring = ""
    if let slash = rest.firstIndex(of: "/") {
      authority = rest[..<slash]
      path = rest[rest.index(after: slash)...]
    }
    guard let at = authority.lastIndex(of: "@") else { return (nil, nil, authority, path) }
    let credentials = authority[..<at]
    guard let colon = credentials.firstIndex(of: ":") else {
      throw invalid("before the @ it needs a password (redis://user:password@host)")
    }
    let name = try decode(credentials[..<colon], what: "the user")
    let word = try decode(credentials[credentials.index(after: colon)...], what: "the password")
    return (
      name.isEmpty ? nil : name, word.isEmpty ? nil : Secret(word),
      authority[authority.index(after: at)...], path
    )
  }

  static func readHost(_ authority: Substring, port usual: UInt16 = 6379) throws -> Address {
    var host = authority
    var port: Substring?
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { throw invalid("a ] is missing") }
      host = authority[authority.index(after: authority.startIndex)..<end]
      let behind = authority[authority.index(after: end)...]
      guard behind.isEmpty || behind.hasPrefix(":") else {
        throw invalid("after the ] only a port may follow")
      }
      port = behind.isEmpty ? nil : behind.dropFirst()
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      port = authority[authority.index(after: colon)...]
    }
    let name = host.isEmpty ? "127.0.0.1" : try decode(host, what: "the host")
    guard name.utf8.allSatisfy({ $0 > 32 && $0 != 127 && !"/?#@\\".utf8.contains($0) }) else {
      throw invalid("the host cannot hold spaces, control characters or any of / ? # @ \\")
    }
    guard let port else { return .tcp(host: name, port: usual) }
    guard let number = UInt16(digits: port), number > 0 else {
      throw invalid("the port must be a number from 1 to 65535")
    }
    return .tcp(host: name, port: number)
  }

  private mutating func readQuery(_ query: Substring) throws {
    for item in query.split(separator: "&") {
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? parts[1] : ""
      switch parts[0] {
      case "db": database = try Self.readDatabase(value)
      case "user": user = try Self.decode(value, what: "the user")
      case "password": password = Secret(try Self.decode(value, what: "the password"))
      case "ca" where tls != nil: tls?.authorityFile = try Self.decode(value, what: "ca")
      case "cert" where tls != nil: tls?.certificateFile = try Self.decode(value, what: "cert")
      case "key" where tls != nil: tls?.keyFile = try Self.decode(value, what: "key")
      case "sentinel-user": try setSentinel(\.user, try Self.decode(value, what: "the user"))
      case "sentinel-password":
        try setSentinel(\.password, Secret(try Self.decode(value, what: "the password")))
      default: throw Self.unknownSetting
      }
    }
  }

  static func readDatabase(_ text: Substring) throws -> Int {
    guard let number = UInt16(digits: text) else {
      throw invalid("the database must be a number, such as /0")
    }
    return Int(number)
  }

  static func decode(_ text: Substring, what: String) throws -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit else {
        throw invalid("a % in \(what) must be followed by two hexadecimal digits")
      }
      bytes.append(high << 4 | low)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw invalid("\(what) is not UTF-8 text")
    }
    return decoded
  }

  private static let unknownScheme = invalid(
    "it must begin with redis://, rediss://, unix://, redis+cluster://, rediss+cluster:// or "
      + "redis+sentinel://")

  static let unknownSetting = invalid(
    "after the ? only db, user and password are known, ca, cert and key with TLS, and "
      + "sentinel-user and sentinel-password with redis+sentinel://")

  static func invalid(_ reason: String) -> RedisError {
    RedisError(code: .invalidConfiguration, reason: "the Redis URL is not valid: \(reason)")
  }
}

extension UInt16 {
  /// Reads digits and nothing else: no sign, no space.
  fileprivate init?(digits: Substring) {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    self.init(digits)
  }
}

extension UInt8 {
  /// The value of a hexadecimal digit.
  var hexDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension StringProtocol {
  /// The first place where `other` stands, byte by byte. Foundation's is not in
  /// FoundationEssentials.
  func firstRange(of other: String) -> Range<Index>? {
    let pattern = Array(other.utf8)
    var start = utf8.startIndex
    while let end = utf8.index(start, offsetBy: pattern.count, limitedBy: utf8.endIndex) {
      if utf8[start..<end].elementsEqual(pattern) { return start..<end }
      start = utf8.index(after: start)
    }
    return nil
  }
}
