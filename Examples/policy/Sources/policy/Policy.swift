import SessionCore

/// A cache of embeddings, with the limit and the time to live of a chat's sessions: three entries,
/// each for an hour after its last use.
@main
struct Policy {
  static func main() throws {
    let start = Timestamp.now()
    var cache = LRUCache<String, [Float]>(capacity: 3, timeToLive: .seconds(3600))
    for (number, name) in ["doc-1", "doc-2", "doc-3"].enumerated() {
      try cache.insert([Float(number), 0.5], for: name, at: start)
    }

    // A value that is read is used: doc-2 is the least recently used entry now. Looking at it does
    // not use it.
    cache.value(for: "doc-1", at: start)
    print("doc-2 is \(cache.peek("doc-2", at: start) ?? [])")
    let removed = try cache.insert([3, 0.5], for: "doc-4", at: start)
    for entry in removed { print("\(entry.key) was \(entry.cause)") }

    cache.setPinned(true, "doc-3", at: start)
    let later = start + .seconds(1800)
    cache.value(for: "doc-4", at: later)
    for entry in cache.entries(at: later) {
      let mark = entry.isPinned ? ", pinned" : ""
      print("\(entry.key) lives for \(entry.timeLeft.components.seconds / 60) minutes\(mark)")
    }

    // A pin keeps an entry from eviction, not from expiring.
    let expired = cache.removeExpired(at: start + .seconds(3601))
    for entry in expired { print("\(entry.key) was \(entry.cause)") }

    cache.setPinned(true, "doc-4", at: later)
    for name in ["doc-5", "doc-6"] {
      try cache.insert([], for: name, at: later)
      cache.setPinned(true, name, at: later)
    }
    do {
      try cache.insert([], for: "doc-7", at: later)
    } catch LRUCacheError.allPinned {
      print("no room for doc-7: all \(cache.count) entries are pinned")
    }
  }
}
