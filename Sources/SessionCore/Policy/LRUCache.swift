/// A dictionary with a limit and a time to live: the least recently used entry leaves when there is
/// no room for another one, and an entry that nobody used for `timeToLive` expires.
///
/// ```swift
/// var cache = LRUCache<String, [Float]>(capacity: 3, timeToLive: .seconds(3600))
/// let removed = try cache.insert(vector, for: "doc-1", at: .now())
/// let known = cache.value(for: "doc-1", at: .now())
/// ```
///
/// Inserting and reading a value use its entry: it becomes the most recently used one, and its time
/// to live starts again. ``peek(_:at:)`` and ``entries(at:)`` look without using anything.
///
/// The cache has no clock: the present moment is an argument. A moment before that of an earlier
/// change counts as that one, so a clock that steps back cannot reorder anything. An entry is alive
/// while `now <= last use + timeToLive`. What has expired is never returned, and makes room for the
/// next insertion; it leaves memory with that insertion, or with ``removeExpired(at:)``.
///
/// It is a value, like an array. To share one between tasks, keep it in an actor or behind a lock.
///
/// Every operation is O(1) on average, but for ``entries(at:)``, ``removeExpired(at:)`` and the
/// worst case of ``setPinned(_:_:at:)``. An entry takes about 80 bytes beside its key and value.
/// A key is hashed once per operation, by its `hashValue`; keys are never hashed again when the
/// cache grows.
public struct LRUCache<Key: Hashable & Sendable, Value> {
  /// The number of entries the cache holds at most.
  public let capacity: Int
  /// How long an entry lives after its last use.
  public let timeToLive: Duration

  // The state is internal, and not private, because other modules inline the operations, which
  // makes them about ten times as fast. Nothing outside this file uses it.

  /// The time to live in milliseconds: a `Duration` is a 128-bit number, and dividing one at each
  /// use costs more than the rest of the use.
  @usableFromInline let lifetime: Int64
  @usableFromInline var index = SlotIndex()
  @usableFromInline var slots = LinkedSlots<Key, Value>()
  /// The latest moment of a change, in milliseconds.
  @usableFromInline var latest: Int64 = 0

  /// An empty cache.
  ///
  /// - Parameters:
  ///   - capacity: The largest number of entries, at least 1. No memory is reserved for them.
  ///   - timeToLive: How long an entry lives after its last use, in whole milliseconds; not
  ///     negative. With `.seconds(.max)` nothing expires.
  public init(capacity: Int, timeToLive: Duration) {
    precondition(capacity >= 1, "a cache holds at least one entry")
    precondition(timeToLive >= .zero, "a time to live is not negative")
    self.capacity = capacity
    self.timeToLive = timeToLive
    lifetime = timeToLive < .milliseconds(Int64.max) ? timeToLive.wholeMilliseconds : .max
  }

  /// The number of entries, with the expired ones that were not removed yet.
  @inlinable public var count: Int { index.count }

  /// Whether the cache has no entries.
  @inlinable public var isEmpty: Bool { index.count == 0 }

  /// The value of `key`, without using it; nil when it is not there or has expired.
  ///
  /// - Complexity: O(1) on average.
  @inlinable
  public func peek(_ key: Key, at now: Timestamp) -> Value? {
    guard let slot = slot(of: key, hash: Self.hash(of: key)),
      isAlive(slot, at: max(now.milliseconds, latest))
    else { return nil }
    return slots[slot].value
  }

  /// The value of `key`, which is used by this; nil when it is not there or has expired.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @discardableResult
  public mutating func value(for key: Key, at now: Timestamp) -> Value? {
    guard let slot = livingSlot(of: key, at: now) else { return nil }
    slots.use(slot, at: latest)
    return slots[slot].value
  }

  /// Uses the entry of `key` and lets `body` change its value in place; nil, and no call of `body`,
  /// when it is not there or has expired.
  ///
  /// - Complexity: O(1) on average, beside `body`. The value is not copied.
  @inlinable @discardableResult
  public mutating func withValue<Result, Failure: Error>(
    for key: Key, at now: Timestamp, _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    guard let slot = livingSlot(of: key, at: now) else { return nil }
    slots.use(slot, at: latest)
    return try slots.withValue(of: slot, body)
  }

  /// Stores `value` under `key` and uses the entry. The value of a living entry is replaced; it
  /// stays pinned if it was.
  ///
  /// - Returns: The entries that left the cache, and why: all that had expired, oldest first; or,
  ///   when the cache was full, the one that was evicted.
  /// - Throws: ``LRUCacheError/allPinned`` when the cache is full and every entry is pinned. The
  ///   cache is unchanged then.
  /// - Complexity: O(1) on average, amortized over the growth of the cache; O(*n*) when *n* entries
  ///   had expired.
  @inlinable @discardableResult
  public mutating func insert(
    _ value: Value, for key: Key, at now: Timestamp
  ) throws(LRUCacheError) -> Removals {
    var removals = Removals(expired: removeExpired(at: now))
    let hash = Self.hash(of: key)
    if let slot = slot(of: key, hash: hash) {
      slots.replaceValue(of: slot, by: value)
      slots.use(slot, at: latest)
    } else if index.count < capacity {
      index.add(slots.add(value, for: key, hash: hash, at: latest), hash: hash)
    } else {
      guard let slot = slots.oldestUnpinned else { throw .allPinned }
      index.remove(slot, hash: slots[slot].hash)
      index.add(slot, hash: hash)
      let old = slots.replace(slot, by: value, for: key, hash: hash)
      slots.use(slot, at: latest)
      removals.evicted = Removal(key: old.key, value: old.value, cause: .evicted)
    }
    return removals
  }

  /// Removes the entry of `key` and returns its value; nil when it is not there or has expired.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @discardableResult
  public mutating func remove(_ key: Key, at now: Timestamp) -> Value? {
    guard let slot = livingSlot(of: key, at: now) else { return nil }
    return removeSlot(slot).value
  }

  /// Exempts the entry of `key` from eviction, or ends that. It does not use the entry, and a
  /// pinned entry expires like any other.
  ///
  /// - Returns: False when it is not there or has expired.
  /// - Complexity: O(1) to pin the most recently used entry; otherwise O(*n*) in the pinned
  ///   entries, or in the others when a pin ends, that were used after it.
  @discardableResult
  public mutating func setPinned(_ isPinned: Bool, _ key: Key, at now: Timestamp) -> Bool {
    guard let slot = livingSlot(of: key, at: now) else { return false }
    slots.setPinned(isPinned, slot)
    return true
  }

  /// Removes all entries that have expired and returns them, oldest first.
  ///
  /// - Complexity: O(*n*) in the entries it removes.
  @inlinable @discardableResult
  public mutating func removeExpired(at now: Timestamp) -> [Removal] {
    advance(to: now)
    var removals: [Removal] = []
    while let slot = slots.oldest, !isAlive(slot, at: latest) {
      let old = removeSlot(slot)
      removals.append(Removal(key: old.key, value: old.value, cause: .expired))
    }
    return removals
  }

  /// The living entries, most recently used first. Uses none of them.
  ///
  /// - Complexity: O(*n*) in the entries.
  public func entries(at now: Timestamp) -> [Entry] {
    let now = max(now.milliseconds, latest)
    return slots.newestFirst.compactMap { slot in
      let node = slots[slot]
      guard isAlive(slot, at: now), let value = node.value else { return nil }
      return Entry(
        key: node.key, value: value, isPinned: node.isPinned,
        timeLeft: .milliseconds(deadline(of: slot) - now))
    }
  }

  /// Walks the whole cache, and says what in it contradicts itself; nil when nothing does. For
  /// tests.
  ///
  /// - Complexity: O(*n*).
  package func violatedInvariant() -> String? {
    if let violation = slots.violatedInvariant() { return violation }
    if index.count != slots.count { return "the index and the slots have different counts" }
    if index.count > capacity { return "the limit does not hold" }
    for slot in slots.newestFirst where self.slot(of: slots[slot].key) != slot {
      return "the index misses the slot of a key"
    }
    return nil
  }

  @inlinable
  static func hash(of key: Key) -> UInt32 { UInt32(truncatingIfNeeded: key.hashValue) }

  @inlinable
  func slot(of key: Key) -> SlotIndex.Slot? { slot(of: key, hash: Self.hash(of: key)) }

  @inlinable
  func slot(of key: Key, hash: UInt32) -> SlotIndex.Slot? {
    index.slot(hash: hash) { slots[$0].key == key }
  }

  @inlinable
  mutating func livingSlot(of key: Key, at now: Timestamp) -> SlotIndex.Slot? {
    advance(to: now)
    guard let slot = slot(of: key), isAlive(slot, at: latest) else { return nil }
    return slot
  }

  @inlinable
  mutating func removeSlot(_ slot: SlotIndex.Slot) -> (key: Key, value: Value) {
    index.remove(slot, hash: slots[slot].hash)
    return slots.remove(slot)
  }

  @inlinable
  mutating func advance(to now: Timestamp) { latest = max(latest, now.milliseconds) }

  @inlinable
  func isAlive(_ slot: SlotIndex.Slot, at now: Int64) -> Bool { now <= deadline(of: slot) }

  /// The last millisecond of a slot's life; the end of time when there are not so many.
  @inlinable
  func deadline(of slot: SlotIndex.Slot) -> Int64 {
    let (deadline, isForEver) = slots[slot].lastUse.addingReportingOverflow(lifetime)
    return isForEver ? .max : deadline
  }
}

extension LRUCache: Sendable where Value: Sendable {}
