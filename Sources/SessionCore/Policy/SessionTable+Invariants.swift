extension SessionTable {
  /// Walks the whole table and traps when it contradicts itself. For tests.
  ///
  /// - Complexity: O(n).
  package func checkInvariants() {
    let linked = checkChain(unpinned, isPinned: false) + checkChain(pinned, isPinned: true)
    precondition(linked == index.count, "every key is linked exactly once")
    precondition(index.count <= limit, "the limit holds")
    precondition(index.count + freeSlots.count == nodes.count, "every slot is used or free")
    for (slot, node) in nodes.enumerated() where node.value != nil {
      precondition(self.slot(of: node.key) == Slot(slot), "the index names the slot of its key")
    }
    for slot in freeSlots {
      precondition(nodes[Int(slot)].value == nil, "a free slot holds nothing")
    }
  }

  private func checkChain(_ chain: Chain, isPinned: Bool) -> Int {
    var count = 0
    var older = Self.none
    var slot = chain.oldest
    while slot != Self.none {
      let node = nodes[Int(slot)]
      precondition(node.value != nil, "a linked slot is used")
      precondition(node.isPinned == isPinned, "each chain holds its own kind")
      precondition(node.older == older, "the two directions agree")
      if older != Self.none {
        let before = nodes[Int(older)]
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
