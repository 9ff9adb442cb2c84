extension LRUCache {
  /// An entry that left the cache.
  public struct Removal {
    /// Its key.
    public let key: Key
    /// Its value.
    public let value: Value
    /// Why it left: ``RemovalCause/evicted`` or ``RemovalCause/expired``.
    public let cause: RemovalCause

    @usableFromInline
    init(key: Key, value: Value, cause: RemovalCause) {
      self.key = key
      self.value = value
      self.cause = cause
    }
  }

  /// The entries that had to leave for another one, oldest first. A collection of its own, and not
  /// an array, because an insertion that evicts one entry then allocates nothing.
  public struct Removals: RandomAccessCollection {
    @usableFromInline let expired: [Removal]
    // There is at most one: the limit holds before each insertion.
    @usableFromInline var evicted: Removal?

    @inlinable
    init(expired: [Removal]) { self.expired = expired }

    /// Zero.
    @inlinable public var startIndex: Int { 0 }

    /// The number of entries that left.
    @inlinable public var endIndex: Int { expired.count + (evicted == nil ? 0 : 1) }

    /// The entry at `position`, which must be less than ``endIndex``.
    @inlinable
    public subscript(position: Int) -> Removal {
      if position == expired.count, let evicted { return evicted }
      return expired[position]
    }
  }

  /// An entry, as ``LRUCache/entries(at:)`` lists it.
  public struct Entry {
    /// Its key.
    public let key: Key
    /// Its value.
    public let value: Value
    /// Whether it is exempt from eviction.
    public let isPinned: Bool
    /// How long it lives if nobody uses it.
    public let timeLeft: Duration
  }
}

extension LRUCache.Removal: Sendable where Value: Sendable {}
extension LRUCache.Removals: Sendable where Value: Sendable {}
extension LRUCache.Entry: Sendable where Value: Sendable {}
extension LRUCache.Removal: Equatable where Value: Equatable {}
extension LRUCache.Entry: Equatable where Value: Equatable {}

/// Why a cache refused an entry.
@nonexhaustive
public enum LRUCacheError: Error, Hashable {
  /// The cache is full, and every entry is pinned.
  case allPinned
}
