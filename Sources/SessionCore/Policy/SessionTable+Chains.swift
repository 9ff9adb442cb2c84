// The chains of a session table: from the least to the most recently used.

extension SessionTable {
  func isAlive(_ node: Node, at now: Timestamp) -> Bool { now <= node.lastUse + timeToLive }

  mutating func advance(to now: Timestamp) { latest = max(latest, now) }

  mutating func livingSlot(of key: Key, at now: Timestamp) -> Slot? {
    advance(to: now)
    guard let slot = slots[key], let node = nodes[Int(slot)], isAlive(node, at: latest) else {
      return nil
    }
    return slot
  }

  mutating func markUsed(_ slot: Slot) {
    unlink(slot)
    useCount += 1
    nodes[Int(slot)]?.lastUse = latest
    nodes[Int(slot)]?.useNumber = useCount
    link(slot)
  }

  mutating func addSlot(for key: Key, _ value: Value) {
    useCount += 1
    let node = Node(
      key: key, value: value, lastUse: latest, useNumber: useCount, isPinned: false,
      older: Self.none, newer: Self.none)
    let slot: Slot
    if let free = freeSlots.popLast() {
      nodes[Int(free)] = node
      slot = free
    } else {
      slot = Slot(nodes.count)
      nodes.append(node)
    }
    slots[key] = slot
    link(slot)
  }

  mutating func removeSlot(_ slot: Slot) -> Key? {
    unlink(slot)
    guard let node = nodes[Int(slot)] else { return nil }
    slots[node.key] = nil
    nodes[Int(slot)] = nil
    freeSlots.append(slot)
    return node.key
  }

  /// The slot of the expired entry that was used first, if one has expired.
  func oldestExpired() -> Slot? {
    var expired: Slot?
    for oldest in [unpinned.oldest, pinned.oldest] where oldest != Self.none {
      guard let node = nodes[Int(oldest)], !isAlive(node, at: latest) else { continue }
      if let other = expired, useNumber(of: other) < node.useNumber { continue }
      expired = oldest
    }
    return expired
  }

  /// The one of two slots that was used later; nil when both are ``none``.
  func newer(of first: Slot, or second: Slot) -> Slot? {
    guard first != Self.none else { return second == Self.none ? nil : second }
    guard second != Self.none else { return first }
    return useNumber(of: first) > useNumber(of: second) ? first : second
  }

  func useNumber(of slot: Slot) -> UInt64 {
    slot == Self.none ? 0 : nodes[Int(slot)]?.useNumber ?? 0
  }

  /// Takes `slot` out of its chain.
  mutating func unlink(_ slot: Slot) {
    guard let node = nodes[Int(slot)] else { return }
    if node.older != Self.none { nodes[Int(node.older)]?.newer = node.newer }
    if node.newer != Self.none { nodes[Int(node.newer)]?.older = node.older }
    withChain(pinned: node.isPinned) { chain in
      if chain.oldest == slot { chain.oldest = node.newer }
      if chain.newest == slot { chain.newest = node.older }
    }
  }

  /// Puts `slot` into its chain, in front of all that were used before it.
  mutating func link(_ slot: Slot) {
    guard let node = nodes[Int(slot)] else { return }
    var older = (node.isPinned ? pinned : unpinned).newest
    var newer = Self.none
    while useNumber(of: older) > node.useNumber {
      newer = older
      older = nodes[Int(older)]?.older ?? Self.none
    }
    nodes[Int(slot)]?.older = older
    nodes[Int(slot)]?.newer = newer
    if older != Self.none { nodes[Int(older)]?.newer = slot }
    if newer != Self.none { nodes[Int(newer)]?.older = slot }
    withChain(pinned: node.isPinned) { chain in
      if older == Self.none { chain.oldest = slot }
      if newer == Self.none { chain.newest = slot }
    }
  }

  private mutating func withChain(pinned isPinned: Bool, _ body: (inout Chain) -> Void) {
    if isPinned { body(&pinned) } else { body(&unpinned) }
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
