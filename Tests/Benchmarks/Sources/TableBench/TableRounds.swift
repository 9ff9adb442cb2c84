import BenchRandom
import SessionCore

/// What is done to the cache.
public enum TableOperation: String, Sendable {
  /// Each entry is used, in random order.
  case touch
  /// A new entry comes into a full cache, and the least recently used one leaves.
  case insert
}

/// How an id comes in.
public enum TableKeys: String, Sendable {
  /// As the value it is.
  case value
  /// As text of 36 characters, which has to be read.
  case text
}

/// The LRU cache, as another module sees it, on the same ids, in the same order, as
/// `Floors/table.c`.
public struct TableRounds {
  private let operation: TableOperation
  private let operationCount: Int
  private let ids: [ConversationID]
  private let texts: [String]
  private let order: [Int32]
  private var cache: LRUCache<ConversationID, UInt64>
  private var at: Int
  private var now = Timestamp(milliseconds: 1_795_390_000_000)
  private var sink: UInt64 = 0

  /// A full cache of `count` entries.
  public init(_ operation: TableOperation, keys: TableKeys, count: Int, operationCount: Int) {
    self.operation = operation
    self.operationCount = operationCount
    var random = SplitMix64(seed: 7)
    let keyCount = operation == .insert ? count * 2 : count
    ids = (0..<keyCount).map { _ in ConversationID(random.uuid()) }
    texts = keys == .text ? ids.map(\.description) : []
    var order = (0..<keyCount).map(Int32.init)
    if operation == .touch {
      for i in stride(from: keyCount - 1, to: 0, by: -1) {
        order.swapAt(i, Int(random.next() % UInt64(i + 1)))
      }
    }
    self.order = order
    at = operation == .insert ? count : 0
    cache = LRUCache(capacity: count, timeToLive: .seconds(3600))
  }

  /// Fills the cache.
  public mutating func fill() {
    for id in ids.prefix(cache.capacity) { _ = try? cache.insert(0, for: id, at: now) }
  }

  /// Runs one round and returns how many operations it made.
  public mutating func run() -> Int {
    // Taken out of self, which the loops below have for themselves.
    let (ids, texts) = (ids, texts)
    switch (operation, texts.isEmpty) {
    case (.touch, true): touch { ids[$0] }
    case (.touch, false): touch { ConversationID(texts[$0]) }
    case (.insert, true): insert { ids[$0] }
    case (.insert, false): insert { ConversationID(texts[$0]) }
    }
    return operationCount
  }

  @inline(__always)
  private mutating func touch(_ key: (Int) -> ConversationID?) {
    for i in 0..<operationCount {
      step(i)
      guard let id = key(next()),
        let value = cache.withValue(
          for: id, at: now,
          { value in
            value += 1
            return value
          })
      else { fatalError("an entry is not there") }
      sink &+= value
    }
  }

  @inline(__always)
  private mutating func insert(_ key: (Int) -> ConversationID?) {
    for i in 0..<operationCount {
      step(i)
      guard let id = key(next()),
        let removals = try? cache.insert(UInt64(i), for: id, at: now),
        removals.first?.cause == .evicted
      else { fatalError("nothing had to leave") }
      sink &+= UInt64(removals.count)
    }
  }

  @inline(__always)
  private mutating func step(_ i: Int) {
    if i & 1023 == 0 { now = now + .milliseconds(1) }
  }

  @inline(__always)
  private mutating func next() -> Int {
    defer { at = at + 1 == order.count ? 0 : at + 1 }
    return Int(order[at])
  }
}
