/// Values by key, at most `limit` of them: the least recently used leaves first, and what nobody
/// used for `timeToLive` expires.
///
/// It has no clock: the moment is an argument, and one before an earlier call's counts as that
/// call's, so a clock that steps back cannot reorder anything. An entry is alive while
/// `now <= last use + timeToLive`; the boundary instant belongs to the living, as in Redis.
///
/// Entries stand in one array and are linked by index, in two chains ordered by last use, pinned
/// and not: whoever has to leave is at the old end of a chain, nothing is searched, and a table of
/// any size is freed without recursion. Every operation is O(1), but for ``entries(at:)`` and the
/// worst case of ``setPinned(_:_:at:)``; removing n expired entries is O(n).
package struct SessionTable<Key: TableKey, Value> {
  typealias Slot = SlotIndex.Slot

  struct Node {
    var key: Key
    // Nil in a free slot, which keeps nothing alive but its last key.
    var value: Value?
    var hash: UInt32
    var lastUse: Timestamp
    // Counts uses, for the order among entries that were used in the same millisecond.
    var useNumber: UInt64
    var isPinned: Bool
    var older: Slot
    var newer: Slot
  }

  struct Chain {
    var oldest: Slot = none
    var newest: Slot = none
  }

  static var none: Slot { -1 }

  /// Entries the table holds at most.
  package let limit: Int
  /// How long an entry lives after its last use.
  package let timeToLive: Duration
  /// The same in milliseconds: a `Duration` is a 128-bit number, and dividing one at each use costs
  /// more than the rest of the use.
  let lifetime: Int64

  var index = SlotIndex()
  var nodes = ContiguousArray<Node>()
  var freeSlots: [Slot] = []
  var unpinned = Chain()
  var pinned = Chain()
  var latest = Timestamp(milliseconds: 0)
  var useCount: UInt64 = 0

  /// An empty table. `limit` must be at least 1 and `timeToLive` not negative.
  package init(limit: Int, timeToLive: Duration) {
    precondition(limit >= 1, "a table holds at least one entry")
    precondition(timeToLive >= .zero, "a time to live is not negative")
    self.limit = limit
    self.timeToLive = timeToLive
    lifetime = timeToLive.wholeMilliseconds
  }

  /// Entries in the table, expired ones that were not removed yet included.
  package var count: Int { index.count }

  /// Whether the table is empty.
  package var isEmpty: Bool { index.count == 0 }

  /// The value of `key`, without using it; nil when it is not there or expired.
  package func peek(_ key: Key, at now: Timestamp) -> Value? {
    guard let slot = slot(of: key), isAlive(slot, at: max(now, latest)) else { return nil }
    return nodes[Int(slot)].value
  }

  /// Uses `key` and lets `body` change its value; nil when it is not there or expired.
  package mutating func use<Result, Failure: Error>(
    _ key: Key, at now: Timestamp, _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    guard let slot = livingSlot(of: key, at: now) else { return nil }
    markUsed(slot)
    return try nodes[Int(slot)].value.mutate(body)
  }

  /// Puts `value` under `key` and uses it. A value that is there and alive is replaced and stays
  /// pinned if it was.
  ///
  /// - Returns: What had to leave.
  /// - Throws: ``TableFullOfPins`` when nothing has expired and nothing may leave; the table is as
  ///   it was.
  package mutating func insert(
    _ value: Value, for key: Key, at now: Timestamp
  ) throws(TableFullOfPins) -> TableRemovals<Key> {
    var removals = TableRemovals<Key>(expired: removeExpired(at: now))
    let hash = key.tableHash
    if let slot = slot(of: key, hash: hash) {
      nodes[Int(slot)].value = value
      markUsed(slot)
    } else if index.count >= limit {
      guard unpinned.oldest != Self.none else { throw TableFullOfPins() }
      removals.evicted = replaceOldest(by: key, hash: hash, value)
    } else {
      addSlot(for: key, hash: hash, value)
    }
    return removals
  }

  /// Removes `key`; false when it is not there or expired.
  package mutating func remove(_ key: Key, at now: Timestamp) -> Bool {
    guard let slot = livingSlot(of: key, at: now) else { return false }
    _ = removeSlot(slot)
    return true
  }

  /// Exempts `key` from eviction, or ends that; its place in the order of use stays. False when it
  /// is not there or expired.
  ///
  /// - Complexity: O(1) to pin the most recently used entry; otherwise O(n) in the entries of the
  ///   chain that it joins and that were used after it.
  package mutating func setPinned(_ isPinned: Bool, _ key: Key, at now: Timestamp) -> Bool {
    guard let slot = livingSlot(of: key, at: now) else { return false }
    guard nodes[Int(slot)].isPinned != isPinned else { return true }
    unlink(slot)
    nodes[Int(slot)].isPinned = isPinned
    link(slot, newerThan: placeByUse(of: slot))
    return true
  }

  /// Removes and returns what has expired, oldest first.
  package mutating func removeExpired(at now: Timestamp) -> [TableRemoval<Key>] {
    advance(to: now)
    var removals: [TableRemoval<Key>] = []
    while let slot = oldestExpired() {
      removals.append(TableRemoval(key: removeSlot(slot), cause: .expired))
    }
    return removals
  }

  /// The living entries, most recently used first, each with the time it has left. Uses none.
  ///
  /// - Complexity: O(n).
  package func entries(at now: Timestamp) -> [TableEntry<Key, Value>] {
    let now = max(now, latest)
    var entries: [TableEntry<Key, Value>] = []
    entries.reserveCapacity(index.count)
    var free = unpinned.newest
    var fixed = pinned.newest
    while let slot = newer(of: free, or: fixed) {
      let node = nodes[Int(slot)]
      if slot == free { free = node.older } else { fixed = node.older }
      guard isAlive(slot, at: now), let value = node.value else { continue }
      entries.append(
        TableEntry(
          key: node.key, value: value, isPinned: node.isPinned,
          timeLeft: node.lastUse + timeToLive - now))
    }
    return entries
  }
}

/// An entry that left a table.
package struct TableRemoval<Key: Sendable & Hashable>: Sendable, Hashable {
  package let key: Key
  package let cause: RemovalCause
}

/// What had to leave a table for another entry. Apart, so that an eviction makes no array.
package struct TableRemovals<Key: Sendable & Hashable>: Sendable {
  /// What had expired, oldest first.
  package let expired: [TableRemoval<Key>]
  /// The least recently used unpinned entry, if the table was full.
  package internal(set) var evicted: Key?

  init(expired: [TableRemoval<Key>]) { self.expired = expired }

  /// All of it.
  package var all: [TableRemoval<Key>] {
    expired + (evicted.map { [TableRemoval(key: $0, cause: .evicted)] } ?? [])
  }
}

/// One line of ``SessionTable/entries(at:)``.
package struct TableEntry<Key, Value> {
  package let key: Key
  package let value: Value
  package let isPinned: Bool
  package let timeLeft: Duration
}

/// Everything in the table is pinned, so nothing can make room.
package struct TableFullOfPins: Error {}
