// The chains of a session table: from the least to the most recently used.

extension SessionTable {
  func isAlive(_ slot: Slot, at now: Timestamp) -> Bool {
    // Overflow, possible with a lifetime of many million years, means for ever.
    let lastUse = nodes[Int(slot)].lastUse.milliseconds
    let (deadline, isForEver) = lastUse.addingReportingOverflow(lifetime)
    return isForEver || now.milliseconds <= deadline
  }

  mutating func advance(to now: Timestamp) { latest = max(latest, now) }

  func slot(of key: Key) -> Slot? { slot(of: key, hash: key.tableHash) }

  func slot(of key: Key, hash: UInt32) -> Slot? {
    index.slot(hash: hash) { nodes[Int($0)].key == key }
  }

  mutating func livingSlot(of key: Key, at now: Timestamp) -> Slot? {
    advance(to: now)
    guard let slot = slot(of: key), isAlive(slot, at: latest) else { return nil }
    return slot
  }

  mutating func markUsed(_ slot: Slot) {
    useCount += 1
    if nodes[Int(slot)].isPinned {
      pinned.use(slot, in: &nodes, at: latest, number: useCount)
    } else {
      unpinned.use(slot, in: &nodes, at: latest, number: useCount)
    }
  }

  mutating func addSlot(for key: Key, hash: UInt32, _ value: Value) {
    useCount += 1
    let node = Node(
      key: key, value: value, hash: hash, lastUse: latest, useNumber: useCount, isPinned: false,
      older: Self.none, newer: Self.none)
    let slot: Slot
    if let free = freeSlots.popLast() {
      nodes[Int(free)] = node
      slot = free
    } else {
      slot = Slot(nodes.count)
      nodes.append(node)
    }
    index.add(slot, hash: hash)
    link(slot, newerThan: unpinned.newest)
  }

  mutating func removeSlot(_ slot: Slot) -> Key {
    unlink(slot)
    index.remove(slot, hash: nodes[Int(slot)].hash)
    nodes[Int(slot)].value = nil
    freeSlots.append(slot)
    return nodes[Int(slot)].key
  }

  /// Puts another entry in the place of the least recently used unpinned one, and returns that
  /// one's key.
  mutating func replaceOldest(by key: Key, hash: UInt32, _ value: Value) -> Key {
    let slot = unpinned.oldest
    let evicted = nodes[Int(slot)].key
    index.remove(slot, hash: nodes[Int(slot)].hash)
    index.add(slot, hash: hash)
    nodes[Int(slot)].key = key
    nodes[Int(slot)].hash = hash
    nodes[Int(slot)].value = value
    markUsed(slot)
    return evicted
  }

  /// The slot of the expired entry that was used first, if one has expired.
  func oldestExpired() -> Slot? {
    guard let oldest = older(of: unpinned.oldest, or: pinned.oldest) else { return nil }
    return isAlive(oldest, at: latest) ? nil : oldest
  }

  /// The one of two slots that was used first; nil when both are ``none``.
  func older(of first: Slot, or second: Slot) -> Slot? {
    guard first != Self.none else { return second == Self.none ? nil : second }
    guard second != Self.none else { return first }
    return nodes[Int(first)].useNumber < nodes[Int(second)].useNumber ? first : second
  }

  /// The one of two slots that was used later; nil when both are ``none``.
  func newer(of first: Slot, or second: Slot) -> Slot? {
    guard first != Self.none else { return second == Self.none ? nil : second }
    guard second != Self.none else { return first }
    return nodes[Int(first)].useNumber > nodes[Int(second)].useNumber ? first : second
  }

  /// The place in the chain of `slot` that the order of use gives it: the slot used just before it.
  func placeByUse(of slot: Slot) -> Slot {
    let useNumber = nodes[Int(slot)].useNumber
    var older = chain(of: slot).newest
    while older != Self.none, nodes[Int(older)].useNumber > useNumber {
      older = nodes[Int(older)].older
    }
    return older
  }

  /// Takes `slot` out of its chain.
  mutating func unlink(_ slot: Slot) {
    if nodes[Int(slot)].isPinned {
      pinned.unlink(slot, in: &nodes)
    } else {
      unpinned.unlink(slot, in: &nodes)
    }
  }

  /// Puts `slot` into its chain behind `older`, or at the old end when that is ``none``.
  mutating func link(_ slot: Slot, newerThan older: Slot) {
    if nodes[Int(slot)].isPinned {
      pinned.link(slot, newerThan: older, in: &nodes)
    } else {
      unpinned.link(slot, newerThan: older, in: &nodes)
    }
  }

  /// The ends of the chain that `slot` belongs to.
  private func chain(of slot: Slot) -> Chain { nodes[Int(slot)].isPinned ? pinned : unpinned }
}

// Each change goes through one span of the nodes: an array is asked whether it is shared at every
// write, which is most of what linking in one costs.
extension SessionTable.Chain {
  typealias Slot = SlotIndex.Slot
  typealias Node = SessionTable.Node
  private static var none: Slot { SessionTable.none }

  /// Moves `slot` to the new end, as used now.
  mutating func use(
    _ slot: Slot, in nodes: inout ContiguousArray<Node>, at now: Timestamp, number: UInt64
  ) {
    var nodes = nodes.mutableSpan
    nodes[Int(slot)].lastUse = now
    nodes[Int(slot)].useNumber = number
    guard newest != slot else { return }
    unlink(slot, in: &nodes)
    link(slot, newerThan: newest, in: &nodes)
  }

  mutating func unlink(_ slot: Slot, in nodes: inout ContiguousArray<Node>) {
    var nodes = nodes.mutableSpan
    unlink(slot, in: &nodes)
  }

  mutating func link(
    _ slot: Slot, newerThan older: Slot, in nodes: inout ContiguousArray<Node>
  ) {
    var nodes = nodes.mutableSpan
    link(slot, newerThan: older, in: &nodes)
  }

  @inline(__always)
  private mutating func unlink(_ slot: Slot, in nodes: inout MutableSpan<Node>) {
    let (older, newer) = (nodes[Int(slot)].older, nodes[Int(slot)].newer)
    if older == Self.none { oldest = newer } else { nodes[Int(older)].newer = newer }
    if newer == Self.none { newest = older } else { nodes[Int(newer)].older = older }
  }

  @inline(__always)
  private mutating func link(
    _ slot: Slot, newerThan older: Slot, in nodes: inout MutableSpan<Node>
  ) {
    let newer = older == Self.none ? oldest : nodes[Int(older)].newer
    nodes[Int(slot)].older = older
    nodes[Int(slot)].newer = newer
    if older == Self.none { oldest = slot } else { nodes[Int(older)].newer = slot }
    if newer == Self.none { newest = slot } else { nodes[Int(newer)].older = slot }
  }
}

extension Optional {
  /// Changes the wrapped value in place, without the copy that taking it out would make.
  mutating func mutate<Result, Failure: Error>(
    _ body: (inout Wrapped) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    guard self != nil else { return nil }
    // swift-format-ignore: NeverForceUnwrap
    return try body(&self!)
  }
}
