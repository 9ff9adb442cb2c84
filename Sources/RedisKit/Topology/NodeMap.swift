/// Which primary has which slot.
struct NodeMap: Sendable, Hashable {
  typealias Address = RedisConfiguration.Address

  /// The primaries that have slots.
  private(set) var primaries: [Address] = []
  /// The replicas that are known, to be asked when a primary is away.
  private(set) var replicas: [Address] = []
  /// Of each slot: one more than the position of its primary; 0 when nobody serves it.
  private var owners = [UInt16](repeating: 0, count: Slot.count)

  /// Nobody has anything.
  init() {}

  /// One server has everything.
  init(all address: Address) {
    primaries = [address]
    owners = [UInt16](repeating: 1, count: Slot.count)
  }

  /// Reads the answer to `CLUSTER SLOTS` of the node at `asked`, whose host stands for one that the
  /// node does not know of itself. Nil when it is no such answer, or no slot is served.
  init?(slots answer: RedisValue, from asked: Address) {
    guard let ranges = answer.array else { return nil }
    for range in ranges {
      guard let parts = range.array, parts.count >= 3, let first = parts[0].integer,
        let last = parts[1].integer, first >= 0, first <= last, last < Slot.count
      else { return nil }
      let nodes = parts.dropFirst(2).map { Self.address(of: $0, from: asked) }
      // A primary that has no name yet (`?`): its slots are served, but nobody can say where.
      if let primary = nodes.first ?? nil {
        let owner = position(of: primary)
        for slot in first...last { owners[Int(slot)] = owner }
      }
      for replica in nodes.dropFirst() {
        if let replica, !replicas.contains(replica) { replicas.append(replica) }
      }
    }
    if primaries.isEmpty { return nil }
  }

  /// Whether nothing is known.
  var isEmpty: Bool { primaries.isEmpty }

  /// Who has the slot; for commands without a key any primary.
  func owner(of slot: Int?) -> Address? {
    guard let slot else { return primaries.randomElement() }
    let owner = owners[slot]
    return owner == 0 ? nil : primaries[Int(owner) - 1]
  }

  /// Notes that a slot has a new primary.
  mutating func move(_ slot: Int, to address: Address) {
    guard owners.indices.contains(slot) else { return }
    owners[slot] = position(of: address)
  }

  private mutating func position(of address: Address) -> UInt16 {
    if let found = primaries.firstIndex(of: address) { return UInt16(found + 1) }
    primaries.append(address)
    return UInt16(primaries.count)
  }

  private static func address(of node: RedisValue, from asked: Address) -> Address? {
    guard let parts = node.array, parts.count >= 2, let port = parts[1].integer,
      let port = UInt16(exactly: port), port > 0
    else { return nil }
    return Address(host: parts[0].string ?? "", port: port, near: asked)
  }
}

extension RedisConfiguration.Address {
  /// What a node at `asked` means by a host and a port: no host is its own, `?` is nobody's.
  init?(host: String, port: UInt16, near asked: Self) {
    if host == "?" { return nil }
    if !host.isEmpty {
      self = .tcp(host: host, port: port)
    } else if case .tcp(let own, _) = asked {
      self = .tcp(host: own, port: port)
    } else {
      return nil
    }
  }

  /// Reads `host:port` of a redirection; the host may be empty, and an IPv6 address has no brackets
  /// there.
  init?(redirection text: Substring, near asked: Self) {
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...]), port > 0
    else { return nil }
    self.init(host: String(text[..<colon]), port: port, near: asked)
  }
}
