public import SessionCore

/// Where a server is, who we are there, and how long and how much the client waits for.
public struct RedisConfiguration: Sendable, Hashable, CustomStringConvertible {
  /// Where a server listens.
  public enum Address: Sendable, Hashable, CustomStringConvertible {
    /// A host, by name or by number, and a port.
    case tcp(host: String, port: UInt16)
    /// A socket in the file system.
    case unix(path: String)

    /// `host:port`, or the path.
    public var description: String {
      switch self {
      case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
      case .unix(let path): path
      }
    }
  }

  /// How the server proves who it is, and we to it. The certificate is always checked, for a
  /// trusted signature and for the host's name.
  public struct TLS: Sendable, Hashable {
    /// A file of trusted authorities, in PEM; nil for those of the system.
    public var authorityFile: String?
    /// A file with our certificate, in PEM, for servers that ask for one.
    public var certificateFile: String?
    /// A file with the key of our certificate, in PEM.
    public var keyFile: String?

    /// Settings with every part given.
    public init(
      authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil
    ) {
      self.authorityFile = authorityFile
      self.certificateFile = certificateFile
      self.keyFile = keyFile
    }
  }

  /// What stands at the address.
  public enum Topology: Sendable, Hashable {
    /// The server itself.
    case single
    /// A node of a Redis Cluster. `others` are nodes that are asked too for who has which keys, so
    /// that the one at the address need not be there.
    case cluster(others: [Address])
    /// A sentinel, which knows where the primary is.
    case sentinel(SentinelGroup)
  }

  /// The sentinels that watch over a primary.
  public struct SentinelGroup: Sendable, Hashable {
    /// What they call the primary, and those that take its place.
    public var primaryName: String
    /// Sentinels beside the one at the address. All are asked.
    public var others: [Address]
    /// The ACL user for the sentinels; nil for the one called `default`.
    public var user: String?
    /// The password of the sentinels; nil when they ask for none. That of the primary is never sent
    /// to them.
    public var password: Secret?

    /// A group with every part given.
    public init(
      primaryName: String, others: [Address] = [], user: String? = nil, password: Secret? = nil
    ) {
      self.primaryName = primaryName
      self.others = others
      self.user = user
      self.password = password
    }
  }

  /// Where the server is, or the first node of a cluster, or the first sentinel.
  public var address: Address
  /// What stands there. A single server by default.
  public var topology: Topology
  /// Whether a server that is not a primary is refused at the connect.
  var mustBePrimary = false
  /// Whether the connection is lent: when it is lost, so is what its user had set on it.
  var isLent = false
  /// Whether a connection that ended is not made again, because others decide what comes instead.
  var endsForGood: Bool { mustBePrimary || isLent }
  /// TLS for the connection; nil for none. Over TCP only.
  public var tls: TLS?
  /// The ACL user; nil for the one called `default`.
  public var user: String?
  /// The password; nil when the server asks for none.
  public var password: Secret?
  /// The number of the database. 0 by default, and always in a cluster.
  public var database: Int
  /// What the server calls our connections in `CLIENT LIST`; nil gives none. `redis-kit` by
  /// default. Without spaces or line ends: the server refuses those.
  public var clientName: String?

  /// Connections to one server, each with a thread of its own. One carries several hundred thousand
  /// commands a second; more help when replies are large. 1 by default.
  public var connectionCount: Int
  /// Connections that ``RedisClient/withConnection(forKey:_:)`` lends at the same time, each with a
  /// thread of its own. Who comes when all are lent waits, for ``commandTimeout`` at most. 8 by
  /// default.
  public var ownConnectionCountMax: Int
  /// Time from the wish for a connection to its first answer: name, TCP, password. 3 s by default.
  public var connectTimeout: Duration
  /// Time from handing a command over to its answer. 5 s by default.
  public var commandTimeout: Duration
  /// Time without a command after which the connection is closed; the next command opens it again.
  /// 300 s by default.
  public var idleTimeout: Duration
  /// Time without a word from the server after which an idle connection is tried with a `PING`, so
  /// that a dead one is found before a command is. 30 s by default.
  public var healthCheckInterval: Duration
  /// The longest pause between two attempts to connect; the first is a fortieth of it. Each is
  /// twice the one before, less up to a half by chance. 2 s by default.
  public var reconnectPauseMax: Duration

  /// Commands that may wait for an answer on one connection, and as many more for a cluster or
  /// sentinels to settle who has their keys. 65,536 by default.
  public var waitingCommandCountMax: Int
  /// Bytes of commands that may wait, counted in the same way. 256 MiB by default.
  public var waitingByteCountMax: Int
  /// Bytes of one reply. 128 MiB by default.
  public var replyByteCountMax: Int
  /// Elements of one reply, nested ones included. 4,194,304 by default.
  public var replyElementCountMax: Int
  /// Arrays within arrays in one reply. 7, which is also the most that hiredis reads.
  public var replyDepthMax: Int

  /// The defaults, for a server at `address`.
  public init(address: Address, user: String? = nil, password: Secret? = nil, database: Int = 0) {
    self.address = address
    topology = .single
    self.user = user
    self.password = password
    self.database = database
    clientName = "redis-kit"
    connectionCount = 1
    ownConnectionCountMax = 8
    connectTimeout = .seconds(3)
    commandTimeout = .seconds(5)
    idleTimeout = .seconds(300)
    healthCheckInterval = .seconds(30)
    reconnectPauseMax = .seconds(2)
    waitingCommandCountMax = 65_536
    waitingByteCountMax = 256 << 20
    replyByteCountMax = 128 << 20
    replyElementCountMax = 4 << 20
    replyDepthMax = 7
  }

  /// Where the server is and which database is used; nothing secret.
  public var description: String {
    switch topology {
    case .single: "Redis at \(address), database \(database)"
    case .cluster: "Redis Cluster at \(addressList)"
    case .sentinel(let group):
      "Redis called \(group.primaryName) by the sentinels at \(addressList), database \(database)"
    }
  }

  /// The addresses that are asked for a server, or the one of the server.
  var addresses: [Address] {
    switch topology {
    case .single: [address]
    case .cluster(let others): [address] + others
    case .sentinel(let group): [address] + group.others
    }
  }

  /// The same, for a person.
  var addressList: String { addresses.map(\.description).joined(separator: ", ") }
}
