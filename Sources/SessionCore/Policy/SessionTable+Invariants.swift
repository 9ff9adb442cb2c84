extension SessionTable {
  /// Walks the whole table and traps when it contradicts itself. For tests.
  ///
  /// - Complexity: O(n).
  package func checkInvariants() {
    let linked = checkChain(unpinned, isPinned: false) + checkChain(pinned, isPinned: true)
    precondition(linked == slots.count, "every key is linked exactly once")
    precondition(slots.count <= limit, "the limit holds")
    precondition(slots.count + freeSlots.count == nodes.count, "every slot is used or free")
    for (key, slot) in slots {
      precondition(nodes[Int(slot)]?.key == key, "the index names the slot of its key")
    }
    for slot in freeSlots {
      precondition(nodes[Int(slot)] == nil, "a free slot holds nothing")
    }
  }

  private func checkChain(_ chain: Chain, isPinned: Bool) -> Int {
    var count = 0
    var older = Self.none
    var slot = chain.oldest
    while slot != Self.none {
      guard let node = nodes[Int(slot)] else { preconditionFailure("a linked slot is used") }
      precondition(node.isPinned == isPinned, "each chain holds its own kind")
      precondition(node.older == older, "the two directions agree")
      if older != Self.none, let before = nodes[Int(older)] {
        precondition(before.useNumber < node.useNumber, "a chain is ordered by use")
        precondition(before.lastUse <= node.lastUse, "later uses are not earlier")
      }
      count += 1
      older = slot
      slot = node.newer
    }
    precondition(chain.newest == older, "the new end is where the walk ended")
    return count
  }
}
