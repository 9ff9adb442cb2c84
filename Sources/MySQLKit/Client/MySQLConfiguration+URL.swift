import SessionCore

extension MySQLConfiguration {
  /// Reads `mysql://user:password@host:port/database?name=value&…`.
  ///
  /// User, password, database and values may hold `%` escapes. The options are `socket` (path of a
  /// Unix socket, used instead of the host), `ssl-mode` (``TLSMode``), `ssl-ca` (a file),
  /// `pool-min`, `pool-max`, and the times `connect-timeout`, `read-timeout`, `write-timeout`,
  /// `wait-timeout`, `job-timeout`, `lock-timeout`, `idle-timeout` and `lifetime`, in seconds.
  ///
  /// - Throws: ``MySQLError`` with ``MySQLError/Code/invalidConfiguration``, which says what is
  ///   wrong and shows no password.
  public init(url: String) throws(MySQLError) {
    var rest = Substring(url)
    guard let scheme = rest.removePrefix(through: "://"), scheme == "mysql" || scheme == "mariadb"
    else { throw .invalidConfiguration("the URL must begin with mysql://") }
    let query = rest.removeSuffix(from: "?")
    let database = rest.removeSuffix(from: "/") ?? ""
    // The password may hold an @ that nobody escaped; a host cannot.
    let login = rest.removePrefix(throughLast: "@") ?? ""
    var user = login
    let password = user.removeSuffix(from: ":")
    let place = try Self.place(rest)
    self.init(
      address: .host(place.host, port: place.port),
      user: try Self.unescaped(user, "user"),
      password: try password.map { text throws(MySQLError) in
        Secret(try Self.unescaped(text, "password"))
      },
      database: try Self.unescaped(database, "database"))
    if self.user.isEmpty { throw .invalidConfiguration("the URL names no user") }
    if self.database.isEmpty { throw .invalidConfiguration("the URL names no database") }
    if self.database.contains(where: { $0 == "/" || $0 == "\0" }) {
      throw .invalidConfiguration("the URL must name one database")
    }
    for option in (query ?? "").split(separator: "&") { try set(option) }
    if connectionCountMin > connectionCountMax {
      throw .invalidConfiguration("pool-min is larger than pool-max")
    }
  }

  private static func place(
    _ text: Substring
  ) throws(MySQLError) -> (host: String, port: UInt16) {
    var host = text
    var port: Substring?
    if host.first == "[" {
      host.removeFirst()
      port = host.removeSuffix(from: "]")
      guard port == "" || port?.first == ":" else {
        throw .invalidConfiguration("the address in brackets is not closed")
      }
      port = port?.dropFirst()
      if port == "" { port = nil }
    } else {
      port = host.removeSuffix(from: ":")
    }
    guard !host.isEmpty else { throw .invalidConfiguration("the URL names no host") }
    guard let port else { return (try unescaped(host, "host"), 3306) }
    guard let number = UInt16(port), number > 0 else {
      throw .invalidConfiguration("the port must be a number from 1 to 65535")
    }
    return (try unescaped(host, "host"), number)
  }

  private mutating func set(_ option: Substring) throws(MySQLError) {
    var name = option
    guard let escaped = name.removeSuffix(from: "=") else {
      throw .invalidConfiguration("the option \(name) has no value")
    }
    let value = try Self.unescaped(escaped, "\(name)")
    switch name {
    case "socket" where !value.isEmpty: address = .socket(value)
    case "ssl-mode":
      guard let mode = TLSMode(rawValue: value.lowercased()) else {
        let names = TLSMode.allCases.map(\.rawValue).joined(separator: ", ")
        throw .invalidConfiguration("ssl-mode must be one of \(names)")
      }
      tls = mode
    case "schema":
      guard let mode = SchemaMode.all.first(where: { $0.description == value }) else {
        let names = SchemaMode.all.map(\.description).joined(separator: ", ")
        throw .invalidConfiguration("schema must be one of \(names)")
      }
      schema = mode
    case "ssl-ca" where !value.isEmpty: certificateAuthorityFile = value
    case "pool-min": connectionCountMin = try Self.number(value, name, 0...1000)
    case "pool-max": connectionCountMax = try Self.number(value, name, 1...1000)
    case "connect-timeout": connectTimeout = try Self.seconds(value, name)
    case "read-timeout": readTimeout = try Self.seconds(value, name)
    case "write-timeout": writeTimeout = try Self.seconds(value, name)
    case "wait-timeout": waitTimeout = try Self.seconds(value, name)
    case "job-timeout": jobTimeout = try Self.seconds(value, name)
    case "lock-timeout": lockTimeout = try Self.seconds(value, name)
    case "idle-timeout": idleTimeout = try Self.seconds(value, name)
    case "lifetime": connectionLifetime = try Self.seconds(value, name)
    default: throw .invalidConfiguration("unknown or empty option \(name)")
    }
  }

  private static func number(
    _ text: String, _ name: Substring, _ range: ClosedRange<Int>
  ) throws(MySQLError) -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw .invalidConfiguration(
        "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private static func seconds(_ text: String, _ name: Substring) throws(MySQLError) -> Duration {
    .seconds(try number(text, name, 1...86_400))
  }

  private static func unescaped(
    _ text: Substring, _ part: String
  ) throws(MySQLError) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let digits = String(rest.prefix(2)), !digits.hasPrefix("+"),
        let escaped = UInt8(digits, radix: 16)
      else { throw .invalidConfiguration("the \(part) in the URL has a % that escapes nothing") }
      bytes.append(escaped)
      rest.removeFirst(2)
    }
    guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
      throw .invalidConfiguration("the \(part) in the URL is not text")
    }
    return text
  }
}

extension Substring {
  /// Cuts off and returns what stands before the first `mark`, and drops the mark; nil without one.
  fileprivate mutating func removePrefix(through mark: String) -> Substring? {
    guard let range = firstRange(of: mark) else { return nil }
    defer { self = self[range.upperBound...] }
    return self[..<range.lowerBound]
  }

  /// Cuts off and returns what stands before the last `mark`, and drops the mark; nil without one.
  fileprivate mutating func removePrefix(throughLast mark: Character) -> Substring? {
    guard let index = lastIndex(of: mark) else { return nil }
    defer { self = self[self.index(after: index)...] }
    return self[..<index]
  }

  /// Cuts off and returns what stands behind the first `mark`, and drops the mark; nil without one.
  fileprivate mutating func removeSuffix(from mark: Character) -> Substring? {
    guard let index = firstIndex(of: mark) else { return nil }
    defer { self = self[..<index] }
    return self[self.index(after: index)...]
  }
}
