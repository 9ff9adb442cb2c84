#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension MySQLConfiguration {
  /// Names the database, however its URL is written and whoever logs in: what is kept for it on
  /// this machine, as a journal, belongs under this name.
  ///
  /// It is made of the parsed host, port or socket, and of the name of the database, and is the
  /// same in every version. The names of the loopback are one host, and so are all spellings of an
  /// address. A socket and a port of one server are two names: without asking the server, nobody
  /// knows that they are one.
  public var databaseIdentity: String {
    switch address {
    case .host(let host, let port): "tcp://\(Self.canonical(host: host)):\(port)/\(database)"
    case .socket(let path): "unix://\(Self.canonical(path: path))/\(database)"
    }
  }

  private static func canonical(host: String) -> String {
    var name = host.lowercased()
    if name.hasSuffix(".") { name.removeLast() }
    if let address = canonical(address: name) { name = address }
    return ["127.0.0.1", "::1"].contains(name) ? "localhost" : name
  }

  /// The usual spelling of an address; nil for a name.
  private static func canonical(address: String) -> String? {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    var four = in_addr()
    var six = in6_addr()
    // As connecting does, this reads 127.1 and 0x7f000001 as well.
    if inet_aton(address, &four) != 0 {
      guard inet_ntop(AF_INET, &four, &text, socklen_t(text.count)) != nil else { return nil }
    } else {
      guard inet_pton(AF_INET6, address, &six) == 1,
        inet_ntop(AF_INET6, &six, &text, socklen_t(text.count)) != nil
      else { return nil }
    }
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let spelled = String(decoding: bytes, as: UTF8.self)
    let mapped = "::ffff:"
    return spelled.hasPrefix(mapped) && spelled.contains(".")
      ? String(spelled.dropFirst(mapped.count)) : spelled
  }

  /// By its text alone: while the server is away, its directory may be, too.
  private static func canonical(path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    let isAbsolute = path.hasPrefix("/")
    // One directory under two names on every system of today.
    let short = isAbsolute && parts.starts(with: ["var", "run"]) ? parts.dropFirst() : parts[...]
    return (isAbsolute ? "/" : "") + short.joined(separator: "/")
  }
}
