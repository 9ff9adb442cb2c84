import SessionCore

/// What a session store's server is, and what keeps it, or may keep it, from serving: for a person
/// who has to do something about it. Made by ``RedisSessionStore/diagnose(in:)``.
public struct RedisDiagnosis: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Something that is not as it should be.
  public struct Finding: Sendable, Hashable, Codable, CustomStringConvertible {
    /// What it is. Kinds may be added.
    @nonexhaustive
    public enum Kind: String, Sendable, Hashable, Codable {
      /// Nobody answers at the address, or not in time.
      case unreachable
      /// What answers is no Redis.
      case nonsense
      /// The server wants another user or password.
      case notAuthenticated
      /// The server takes no more clients.
      case tooManyClients
      /// The user may not run commands that the store needs: ``Finding/details`` names them.
      case missingCommands
      /// The user may not use the keys of the store: ``Finding/details`` names them.
      case missingKeys
      /// The server takes no writes, as it is a replica.
      case readOnly
      /// The server has no memory left.
      case outOfMemory
      /// The server cannot save to its disk.
      case notPersisting
      /// Fewer replicas are there than the server wants.
      case tooFewReplicas
      /// The server reads its data after a start.
      case starting
      /// The server is held up by a script.
      case busy
      /// No node serves the keys for now.
      case noPrimary
      /// A full server throws sessions out before their time: ``Finding/details`` has its policy.
      case evicts
      /// The server could not save its data the last time. It still takes writes.
      case saveFailed
      /// The list of sessions is none: somebody else wrote under its name.
      case damaged
      /// Something else; ``Finding/details`` has the server's words.
      case other
    }

    /// What it is.
    public let kind: Kind
    /// Commands, keys, or the words of the server. Nothing secret, and nobody's text.
    public let details: [String]
    /// Whether the store cannot serve for it.
    public var isFatal: Bool { ![.evicts, .saveFailed, .damaged].contains(kind) }

    /// What it is and what to do, in one line.
    public var description: String {
      let list = details.joined(separator: ", ")
      return switch kind {
      case .unreachable: "the server cannot be reached (\(list)): start it, or mend the address"
      case .nonsense: "what answers is no Redis (\(list)): mend the address"
      case .notAuthenticated: "the server refuses the user or the password (\(list))"
      case .tooManyClients: "the server takes no more clients: raise maxclients"
      case .missingCommands: "the user may not run \(list): allow it with ACL SETUSER"
      case .missingKeys: "the user may not use \(list): allow it with ACL SETUSER"
      case .readOnly: "the server is a replica and takes no writes: name the primary"
      case .outOfMemory: "the server is full: raise maxmemory, or remove other data"
      case .notPersisting: "the server cannot save to its disk (\(list)): see its log"
      case .tooFewReplicas: "too few replicas are there for a write: see min-replicas-to-write"
      case .starting: "the server reads its data: wait"
      case .busy: "a script holds the server up: wait, or end it with SCRIPT KILL"
      case .noPrimary: "no node serves the keys for now (\(list)): see CLUSTER INFO"
      case .evicts:
        "a full server throws sessions out before their time (maxmemory-policy \(list)): set "
          + "noeviction, or give it memory enough; they are paged in again"
      case .saveFailed: "the server could not save its data the last time: see its log"
      case .damaged: "somebody else wrote under the store's names (\(list)); it mends itself"
      case .other: "the server refuses: \(list)"
      }
    }
  }

  /// How the server keeps its data when it is started again.
  public enum Persistence: String, Sendable, Hashable, Codable {
    /// It does not: sessions are paged in again.
    case none
    /// From time to time, in snapshots.
    case snapshots
    /// Write by write, in an append-only file.
    case appendOnly
  }

  /// `Redis`, `Valkey`, or what the server calls itself; nil when it does not say.
  public internal(set) var serverName: String?
  /// The version of the server; nil when it does not say.
  public internal(set) var version: String?
  /// Whether it is the primary; nil when it does not say.
  public internal(set) var isPrimary: Bool?
  /// The bytes that the server may fill; 0 for as many as there are. Nil without permission to ask.
  public internal(set) var memoryLimit: Int?
  /// The bytes that it has filled. Nil without permission to ask.
  public internal(set) var usedMemory: Int?
  /// `noeviction`, `allkeys-lru` and so on. Nil without permission to ask.
  public internal(set) var memoryPolicy: String?
  /// Nil without permission to ask.
  public internal(set) var persistence: Persistence?
  /// From the question to the answer; nil when none came.
  public internal(set) var roundTrip: Duration?
  /// What is not as it should be; empty when nothing is wrong.
  public internal(set) var findings: [Finding] = []

  /// Whether the store can serve.
  public var isServing: Bool { !findings.contains(where: \.isFatal) }

  /// The server, and the findings, one a line.
  public var description: String {
    let server = [serverName ?? "server", version].compactMap { $0 }.joined(separator: " ")
    return ([server] + findings.map(\.description)).joined(separator: "\n")
  }

  mutating func add(_ kind: Finding.Kind, _ detail: String? = nil) {
    if let place = findings.firstIndex(where: { $0.kind == kind }) {
      let details = findings[place].details + (detail.map { [$0] } ?? [])
      findings[place] = Finding(kind: kind, details: details)
    } else {
      findings.append(Finding(kind: kind, details: detail.map { [$0] } ?? []))
    }
  }

  mutating func add(_ error: SessionStoreError) {
    switch error.cause {
    case .unreachable?, .timedOut?: add(.unreachable, error.reason)
    case .nonsense?: add(.nonsense, error.reason)
    case .notAuthenticated?: add(.notAuthenticated, error.reason)
    case .tooManyClients?: add(.tooManyClients)
    case .readOnly?: add(.readOnly)
    case .outOfMemory?: add(.outOfMemory)
    case .notPersisting?: add(.notPersisting, error.reason)
    case .tooFewReplicas?: add(.tooFewReplicas)
    case .starting?: add(.starting)
    case .busy?: add(.busy)
    case .noPrimary?: add(.noPrimary, error.reason)
    default: add(.other, error.reason)
    }
  }

  /// Reads `INFO`.
  mutating func read(info: String) {
    var fields: [Substring: String] = [:]
    for line in info.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon]] = String(line[line.index(after: colon)...])
    }
    // Valkey, which speaks for Redis 7.2 in the old field, has its own beside it.
    if let valkey = fields["valkey_version"] { (serverName, version) = ("Valkey", valkey) }
    if serverName == nil, fields["redis_version"] != nil { serverName = "Redis" }
    version = version ?? fields["redis_version"]
    isPrimary = fields["role"].map { $0 == "master" } ?? isPrimary
    memoryLimit = fields["maxmemory"].flatMap { Int($0) }
    usedMemory = fields["used_memory"].flatMap { Int($0) }
    memoryPolicy = fields["maxmemory_policy"]
    if fields["aof_enabled"] == "1" { persistence = .appendOnly }
    let states = [fields["rdb_last_bgsave_status"], fields["aof_last_write_status"]]
    if states.contains("err"), !findings.contains(where: { $0.kind == .notPersisting }) {
      add(.saveFailed)
    }
    if let policy = memoryPolicy, policy != "noeviction" { add(.evicts, policy) }
  }

  /// Reads the answer to `CONFIG GET save`.
  mutating func read(save: RedisValue) {
    guard persistence == nil, let fields = try? [String: String](redis: save) else { return }
    persistence = fields["save"].map { $0.isEmpty ? .none : .snapshots }
  }

  /// Reads the answer to `HELLO`, names and values in turn.
  mutating func read(hello: RedisValue) {
    guard let fields = try? hello.pairs else { return }
    for case (let name, let value) in fields {
      switch name.string {
      case "server": serverName = value.string.map { $0.prefix(1).uppercased() + $0.dropFirst() }
      case "version": version = value.string
      case "role": isPrimary = value.string == "master"
      default: break
      }
    }
  }
}
