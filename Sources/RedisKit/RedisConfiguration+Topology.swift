import SessionCore

// What URLs of clusters and of sentinels say.
extension RedisConfiguration {
  static func readCluster(_ rest: Substring) throws -> RedisConfiguration {
    let parts = try readAuthority(rest)
    let hosts = try readHosts(parts.hosts, port: 6379)
    var configuration = RedisConfiguration(
      address: hosts[0], user: parts.user, password: parts.password)
    configuration.topology = .cluster(others: Array(hosts.dropFirst()))
    if !parts.path.isEmpty { configuration.database = try readDatabase(parts.path) }
    return configuration
  }

  static func readSentinels(_ rest: Substring) throws -> RedisConfiguration {
    let parts = try readAuthority(rest)
    let hosts = try readHosts(parts.hosts, port: 26379)
    let path = parts.path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let name = try decode(path.first ?? "", what: "the primary's name")
    guard !name.isEmpty else {
      throw invalid(
        "it must name the primary that the sentinels watch over (redis+sentinel://host:26379/name)")
    }
    var configuration = RedisConfiguration(
      address: hosts[0], user: parts.user, password: parts.password)
    configuration.topology = .sentinel(
      SentinelGroup(primaryName: name, others: Array(hosts.dropFirst())))
    if path.count > 1, !path[1].isEmpty { configuration.database = try readDatabase(path[1]) }
    return configuration
  }

  private static func readHosts(_ list: Substring, port: UInt16) throws -> [Address] {
    let hosts = try list.split(separator: ",", omittingEmptySubsequences: false).map { host in
      if host.isEmpty, !list.isEmpty { throw invalid("between two commas there must be a host") }
      return try readHost(host, port: port)
    }
    return hosts.isEmpty ? [try readHost("", port: port)] : hosts
  }

  mutating func setSentinel<Value>(
    _ part: WritableKeyPath<SentinelGroup, Value>, _ value: Value
  ) throws {
    guard case .sentinel(var group) = topology else { throw Self.unknownSetting }
    group[keyPath: part] = value
    topology = .sentinel(group)
  }

  /// What the parts say together.
  func checkTopology() throws {
    if case .sentinel(let group) = topology, group.user != nil, group.password == nil {
      throw Self.invalid("a sentinel-user needs a sentinel-password")
    }
    if let contradiction { throw Self.invalid(contradiction) }
  }

  /// Why there can be no such server; nil when there can.
  var contradiction: String? {
    switch topology {
    case .cluster where database != 0: "a Redis Cluster has the database 0 alone"
    case .sentinel where tls != nil: "TLS with sentinels is not supported"
    default: nil
    }
  }
}
