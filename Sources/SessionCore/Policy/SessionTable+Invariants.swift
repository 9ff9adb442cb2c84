extension SessionTable {
  /// Walks the whole table, and says what in it contradicts itself; nil when nothing does. For
  /// tests.
  ///
  /// - Complexity: O(n).
  package func violatedInvariant() -> String? {
    var linkedCount = 0
    for (chain, isPinned) in [(unpinned, false), (pinned, true)] {
      if let problem = violation(in: chain, isPinned: isPinned, &linkedCount) { return problem }
    }
    if linkedCount != index.count { return "a key is not linked exactly once" }
    if index.count > limit { return "the limit does not hold" }
    if index.count + freeSlots.count != nodes.count { return "a slot is neither used nor free" }
    for (slot, node) in nodes.enumerated() where node.value != nil {
      if self.slot(of: node.key) != Slot(slot) { return "the index misses the slot of a key" }
    }
    if freeSlots.contains(where: { nodes[Int($0)].value != nil }) {
      return "a free slot holds something"
    }
    return nil
  }

  private func violation(
    in chain: Chain, isPinned: Bool, _ linkedCount: inout Int
  ) -> String? {
    var older = Self.none
    var slot = chain.oldest
    while slot != Self.none {
      // A chain that runs in a circle has no end.
      if linkedCount > nodes.count { return "a chain is longer than the table" }
      let node = nodes[Int(slot)]
      if node.value == nil { return "a linked slot holds nothing" }
      if node.isPinned != isPinned { return "a chain holds the other kind" }
      if node.older != older { return "the two directions of a chain disagree" }
      if older != Self.none {
        let before = nodes[Int(older)]
        if before.useNumber >= node.useNumber { return "a chain is not ordered by use" }
        if before.lastUse > node.lastUse { return "a later use is earlier" }
      }
      linkedCount += 1
      older = slot
      slot = node.newer
    }
    return chain.newest == older ? nil : "the new end is not where a chain ends"
  }
}
