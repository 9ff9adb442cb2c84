/// Keys and values in numbered slots of one array, linked in the order of their use.
///
/// There are two chains, each from the least to the most recently used: the pinned slots, and the
/// others. So the next one to be evicted or to expire is at the end of a chain, and nothing is
/// searched. The links are numbers and not references, so any number of slots is freed without
/// recursion.
@usableFromInline
struct LinkedSlots<Key: Hashable & Sendable, Value> {
  @usableFromInline typealias Slot = SlotIndex.Slot

  @usableFromInline
  struct Node {
    @usableFromInline var key: Key
    // Nil in a free slot, which keeps nothing alive but its last key.
    @usableFromInline var value: Value?
    @usableFromInline var hash: UInt32
    // In milliseconds.
    @usableFromInline var lastUse: Int64
    // Counts uses, for the order among slots that were used in the same millisecond.
    @usableFromInline var useNumber: UInt64
    @usableFromInline var isPinned = false
    @usableFromInline var older: Slot = LinkedSlots.none
    @usableFromInline var newer: Slot = LinkedSlots.none

    @inlinable
    init(key: Key, value: Value, hash: UInt32, lastUse: Int64, useNumber: UInt64) {
      self.key = key
      self.value = value
      self.hash = hash
      self.lastUse = lastUse
      self.useNumber = useNumber
    }
  }

  @inlinable static var none: Slot { -1 }

  // Internal for the same reason as the state of LRUCache. Nothing outside this file uses it.
  @usableFromInline var nodes = ContiguousArray<Node>()
  @usableFromInline var freeSlots: [Slot] = []
  @usableFromInline var unpinned = Chain()
  @usableFromInline var pinned = Chain()
  @usableFromInline var useCount: UInt64 = 0

  @inlinable
  init() {}

  /// The number of slots in use.
  var count: Int { nodes.count - freeSlots.count }

  @inlinable
  subscript(slot: Slot) -> Node { _read { yield nodes[Int(slot)] } }

  /// The slot of the least recently used value.
  @inlinable var oldest: Slot? {
    guard unpinned.oldest != Self.none else {
      return pinned.oldest == Self.none ? nil : pinned.oldest
    }
    guard pinned.oldest != Self.none else { return unpinned.oldest }
    let unpinnedIsOlder =
      nodes[Int(unpinned.oldest)].useNumber < nodes[Int(pinned.oldest)].useNumber
    return unpinnedIsOlder ? unpinned.oldest : pinned.oldest
  }

  /// The slot of the least recently used value that is not pinned.
  @inlinable var oldestUnpinned: Slot? {
    unpinned.oldest == Self.none ? nil : unpinned.oldest
  }

  /// All slots in use, the most recently used first.
  var newestFirst: [Slot] {
    var slots: [Slot] = []
    slots.reserveCapacity(count)
    var (free, fixed) = (unpinned.newest, pinned.newest)
    while free != Self.none || fixed != Self.none {
      let takesFree =
        fixed == Self.none
        || free != Self.none && nodes[Int(free)].useNumber > nodes[Int(fixed)].useNumber
      slots.append(takesFree ? free : fixed)
      if takesFree { free = nodes[Int(free)].older } else { fixed = nodes[Int(fixed)].older }
    }
    return slots
  }

  /// Adds a value, as used now and not pinned.
  @inlinable
  mutating func add(_ value: Value, for key: Key, hash: UInt32, at now: Int64) -> Slot {
    useCount += 1
    let node = Node(key: key, value: value, hash: hash, lastUse: now, useNumber: useCount)
    let slot: Slot
    if let free = freeSlots.popLast() {
      nodes[Int(free)] = node
      slot = free
    } else {
      slot = Slot(nodes.count)
      nodes.append(node)
    }
    unpinned.append(slot, in: &nodes)
    return slot
  }

  /// Takes a slot out of use.
  @inlinable
  mutating func remove(_ slot: Slot) -> (key: Key, value: Value) {
    unlink(slot)
    freeSlots.append(slot)
    // swift-format-ignore: NeverForceUnwrap
    let value = nodes[Int(slot)].value.take()!
    return (nodes[Int(slot)].key, value)
  }

  /// Puts another key and value in the place of those that `slot` has.
  @inlinable
  mutating func replace(
    _ slot: Slot, by value: Value, for key: Key, hash: UInt32
  ) -> (key: Key, value: Value) {
    let oldKey = nodes[Int(slot)].key
    // swift-format-ignore: NeverForceUnwrap
    let oldValue = nodes[Int(slot)].value.take()!
    nodes[Int(slot)].key = key
    nodes[Int(slot)].hash = hash
    nodes[Int(slot)].value = value
    return (oldKey, oldValue)
  }

  @inlinable
  mutating func replaceValue(of slot: Slot, by value: Value) { nodes[Int(slot)].value = value }

  /// Lets `body` change the value of a slot in use, in place.
  @inlinable
  mutating func withValue<Result, Failure: Error>(
    of slot: Slot, _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // swift-format-ignore: NeverForceUnwrap
    try body(&nodes[Int(slot)].value!)
  }

  /// Makes `slot` the most recently used one of its chain.
  @inlinable
  mutating func use(_ slot: Slot, at now: Int64) {
    useCount += 1
    if nodes[Int(slot)].isPinned {
      pinned.use(slot, in: &nodes, at: now, number: useCount)
    } else {
      unpinned.use(slot, in: &nodes, at: now, number: useCount)
    }
  }

  /// Moves `slot` into the other chain, to the place that its last use gives it there.
  ///
  /// - Complexity: O(n) in the slots of that chain that were used after it.
  mutating func setPinned(_ isPinned: Bool, _ slot: Slot) {
    guard nodes[Int(slot)].isPinned != isPinned else { return }
    unlink(slot)
    nodes[Int(slot)].isPinned = isPinned
    let useNumber = nodes[Int(slot)].useNumber
    var older = isPinned ? pinned.newest : unpinned.newest
    while older != Self.none, nodes[Int(older)].useNumber > useNumber {
      older = nodes[Int(older)].older
    }
    if isPinned {
      pinned.insert(slot, after: older, in: &nodes)
    } else {
      unpinned.insert(slot, after: older, in: &nodes)
    }
  }

  @inlinable
  mutating func unlink(_ slot: Slot) {
    if nodes[Int(slot)].isPinned {
      pinned.remove(slot, in: &nodes)
    } else {
      unpinned.remove(slot, in: &nodes)
    }
  }

  /// What in the chains contradicts itself; nil when nothing does. For tests.
  func violatedInvariant() -> String? {
    var linkedCount = 0
    for (chain, isPinned) in [(unpinned, false), (pinned, true)] {
      var older = Self.none
      var slot = chain.oldest
      while slot != Self.none {
        // A chain that runs in a circle has no end.
        if linkedCount > nodes.count { return "a chain is longer than the array" }
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
      if chain.newest != older { return "the new end is not where a chain ends" }
    }
    if linkedCount != count { return "a slot is neither linked nor free" }
    if freeSlots.contains(where: { nodes[Int($0)].value != nil }) {
      return "a free slot holds something"
    }
    return nil
  }
}

extension LinkedSlots {
  /// The two ends of a chain of slots.
  ///
  /// Each change goes through one span of the nodes: an array is asked whether it is shared at
  /// every write, which is most of what linking in one costs.
  @usableFromInline
  struct Chain {
    @usableFromInline var oldest: Slot = LinkedSlots.none
    @usableFromInline var newest: Slot = LinkedSlots.none

    @inlinable
    init() {}

    /// Moves `slot` to the new end, as used now.
    @inlinable
    mutating func use(
      _ slot: Slot, in nodes: inout ContiguousArray<Node>, at now: Int64, number: UInt64
    ) {
      var nodes = nodes.mutableSpan
      nodes[Int(slot)].lastUse = now
      nodes[Int(slot)].useNumber = number
      guard newest != slot else { return }
      unlink(slot, in: &nodes)
      link(slot, after: newest, in: &nodes)
    }

    /// Adds `slot` at the new end.
    @inlinable
    mutating func append(_ slot: Slot, in nodes: inout ContiguousArray<Node>) {
      insert(slot, after: newest, in: &nodes)
    }

    /// Adds `slot` behind `older`, or at the old end when that is `none`.
    @inlinable
    mutating func insert(
      _ slot: Slot, after older: Slot, in nodes: inout ContiguousArray<Node>
    ) {
      var nodes = nodes.mutableSpan
      link(slot, after: older, in: &nodes)
    }

    /// Takes `slot` out.
    @inlinable
    mutating func remove(_ slot: Slot, in nodes: inout ContiguousArray<Node>) {
      var nodes = nodes.mutableSpan
      unlink(slot, in: &nodes)
    }

    @inlinable @inline(__always)
    mutating func unlink(_ slot: Slot, in nodes: inout MutableSpan<Node>) {
      let (older, newer) = (nodes[Int(slot)].older, nodes[Int(slot)].newer)
      if older == LinkedSlots.none { oldest = newer } else { nodes[Int(older)].newer = newer }
      if newer == LinkedSlots.none { newest = older } else { nodes[Int(newer)].older = older }
    }

    @inlinable @inline(__always)
    mutating func link(_ slot: Slot, after older: Slot, in nodes: inout MutableSpan<Node>) {
      let newer = older == LinkedSlots.none ? oldest : nodes[Int(older)].newer
      nodes[Int(slot)].older = older
      nodes[Int(slot)].newer = newer
      if older == LinkedSlots.none { oldest = slot } else { nodes[Int(older)].newer = slot }
      if newer == LinkedSlots.none { newest = slot } else { nodes[Int(newer)].older = slot }
    }
  }
}

extension LinkedSlots: Sendable where Value: Sendable {}
extension LinkedSlots.Node: Sendable where Value: Sendable {}
extension LinkedSlots.Chain: Sendable {}
