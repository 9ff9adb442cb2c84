import TestSupport
import Testing

@testable import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("The LRU cache")
struct LRUCacheTests {
  private let start = Timestamp(milliseconds: 1_795_390_000_000)

  @Test(
    "P7 stays whole through 20,000 random operations, whatever its size", arguments: [1, 2, 7, 64])
  func invariants(capacity: Int) throws {
    var random = RepeatableRandom(seed: UInt64(capacity))
    var cache = LRUCache<ConversationID, Int>(capacity: capacity, timeToLive: .seconds(10))
    let keys = (0..<capacity * 3).map { _ in random.conversationID() }
    var now = start
    for step in 0..<20_000 {
      let key = keys[Int.random(in: keys.indices, using: &random)]
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<4: _ = try? cache.insert(step, for: key, at: now)
      case 4..<7: _ = cache.withValue(for: key, at: now) { $0 += 1 }
      case 7: _ = cache.remove(key, at: now)
      case 8: _ = cache.setPinned(Bool.random(using: &random), key, at: now)
      default: now = now + .milliseconds(Int.random(in: 0...3_000, using: &random))
      }
      #expect(cache.violatedInvariant() == nil)
    }
  }

  @Test("P7 A million sessions are opened, touched, pushed out and freed on one thread's stack")
  func million() async throws {
    try await onThread {
      let count = 1_000_000
      var random = RepeatableRandom(seed: 1)
      let keys = (0..<count + count / 10).map { _ in random.conversationID() }
      var cache = LRUCache<ConversationID, [Int]>(capacity: count, timeToLive: .seconds(3600))
      for key in keys[..<count] { _ = try? cache.insert([1], for: key, at: start) }
      #expect(cache.count == count)
      for key in keys[..<count].reversed() {
        _ = cache.withValue(for: key, at: start) { $0.append(2) }
      }
      var evicted: [ConversationID] = []
      for key in keys[count...] {
        evicted += (try? cache.insert([3], for: key, at: start).map(\.key)) ?? []
      }
      // Touched from the last to the first, so the last ones are the least recently used.
      #expect(evicted == keys[..<count].suffix(count / 10).reversed())
      #expect(cache.removeExpired(at: start + .seconds(3601)).count == count)
      #expect(cache.isEmpty)
    }
  }

  /// Runs `body` on a thread of its own, so that the test keeps none of the shared ones busy.
  private func onThread(_ body: @escaping @Sendable () -> Void) async throws {
    let (done, finish) = AsyncStream<Void>.makeStream()
    let thread = try DedicatedThread {
      body()
      finish.finish()
    }
    for await _ in done {}
    thread.join()
  }

  @Test("P3 A clock that steps back reorders nothing and revives nothing")
  func clockStepsBack() throws {
    var cache = LRUCache<String, Int>(capacity: 2, timeToLive: .seconds(10))
    _ = try cache.insert(1, for: "a", at: start)
    _ = try cache.insert(2, for: "b", at: start - Duration.seconds(5))
    #expect(cache.entries(at: start).map(\.key) == ["b", "a"])
    #expect(cache.value(for: "a", at: start + .seconds(10)) == 1)
    #expect(cache.peek("b", at: start + .seconds(11)) == nil)
    #expect(cache.peek("b", at: start) == 2, "looking moves no clock")
    _ = cache.removeExpired(at: start + .seconds(11))
    #expect(cache.entries(at: start).map(\.key) == ["a"])
  }

  @Test("P2 Reading a value uses its entry, looking and listing do not")
  func uses() throws {
    var cache = LRUCache<String, Int>(capacity: 2, timeToLive: .seconds(10))
    try cache.insert(1, for: "a", at: start)
    try cache.insert(2, for: "b", at: start)
    #expect(cache.peek("a", at: start) == 1)
    #expect(cache.entries(at: start).map(\.key) == ["b", "a"])
    #expect(try cache.insert(3, for: "c", at: start).map(\.key) == ["a"])
    #expect(cache.value(for: "b", at: start) == 2)
    #expect(try cache.insert(4, for: "d", at: start).map(\.key) == ["c"])
  }

  @Test("P5 An insertion returns what left for it, with values and causes, oldest first")
  func removals() throws {
    var cache = LRUCache<String, Int>(capacity: 2, timeToLive: .seconds(10))
    #expect(try cache.insert(1, for: "a", at: start).isEmpty)
    try cache.insert(2, for: "b", at: start + .seconds(1))
    let evicted = try cache.insert(3, for: "c", at: start + .seconds(2))
    #expect(Array(evicted) == [.init(key: "a", value: 1, cause: .evicted)])
    let expired = try cache.insert(4, for: "d", at: start + .seconds(13))
    #expect(
      Array(expired) == [
        .init(key: "b", value: 2, cause: .expired), .init(key: "c", value: 3, cause: .expired),
      ])
    #expect(cache.count == 1)
    #expect(try cache.insert(5, for: "d", at: start + .seconds(13)).isEmpty, "it is replaced")
    #expect(cache.remove("d", at: start + .seconds(13)) == 5)
    #expect(cache.remove("d", at: start + .seconds(13)) == nil)
  }

  @Test("P9 A cache full of pins refuses another entry and stays as it was")
  func allPinned() throws {
    var cache = LRUCache<Int, String>(capacity: 2, timeToLive: .seconds(10))
    try cache.insert("one", for: 1, at: start)
    try cache.insert("two", for: 2, at: start)
    cache.setPinned(true, 1, at: start)
    cache.setPinned(true, 2, at: start)
    let before = cache.entries(at: start)
    #expect(throws: LRUCacheError.allPinned) { try cache.insert("three", for: 3, at: start) }
    #expect(cache.entries(at: start) == before)
    #expect(try cache.insert("2", for: 2, at: start).isEmpty, "a value is replaced")
    cache.setPinned(false, 2, at: start)
    #expect(try cache.insert("three", for: 3, at: start).map(\.value) == ["2"])
    #expect(cache.entries(at: start).map(\.isPinned) == [false, true])
    #expect(cache.violatedInvariant() == nil)
  }

  @Test("P3 With the longest time to live nothing expires")
  func forEver() throws {
    var cache = LRUCache<Int, Int>(capacity: 2, timeToLive: .seconds(Int64.max))
    try cache.insert(1, for: 1, at: start)
    let end = Timestamp(milliseconds: .max)
    #expect(cache.entries(at: end).map(\.value) == [1])
    #expect(cache.value(for: 1, at: end) == 1)
    #expect(cache.removeExpired(at: end).isEmpty)
  }

  @Test("P7 A value that left is kept alive by nothing")
  func released() throws {
    final class Resource {}
    var cache = LRUCache<Int, Resource>(capacity: 2, timeToLive: .seconds(10))
    weak var evicted: Resource?
    weak var removed: Resource?
    weak var expired: Resource?
    func insert(_ key: Int) throws -> Resource {
      let resource = Resource()
      try cache.insert(resource, for: key, at: start)
      return resource
    }
    evicted = try insert(1)
    removed = try insert(2)
    #expect(evicted != nil && removed != nil)
    expired = try insert(3)
    #expect(evicted == nil)
    cache.remove(2, at: start)
    #expect(removed == nil)
    cache.removeExpired(at: start + .seconds(11))
    #expect(expired == nil)
  }

  @Test("P7 Ids that are equal have one hash, and ids that differ in one bit have different ones")
  func hashes() {
    var random = RepeatableRandom(seed: 5)
    for _ in 0..<100 {
      let id = random.conversationID()
      #expect(ConversationID(id.description.uppercased())?.hashValue == id.hashValue)
      var bytes = id.uuid.uuid
      let hashes = withUnsafeMutableBytes(of: &bytes) { bytes in
        (0..<128).map { bit in
          bytes[bit / 8] ^= 1 << (bit % 8)
          defer { bytes[bit / 8] ^= 1 << (bit % 8) }
          return ConversationID(UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))).hashValue
        }
      }
      #expect(Set(hashes).union([id.hashValue]).count == 129)
    }
  }

  @Test("A cache that can hold nothing is a programmer's error")
  func noLimit() async {
    await #expect(processExitsWith: .failure) {
      _ = LRUCache<Int, Int>(capacity: 0, timeToLive: .seconds(1))
    }
  }

  @Test("P7 The index of slots agrees with a dictionary, through growth and removal")
  func slotIndex() {
    var random = RepeatableRandom(seed: 3)
    var index = SlotIndex()
    var model: [Int32: UInt32] = [:]
    for step in 0..<Int32(20_000) {
      if Bool.random(using: &random) || model.isEmpty {
        // Few different hashes, so that long runs of cells collide and wrap around the end.
        let hash = UInt32.random(in: 0..<40, using: &random) &* 0x1000_0001
        index.add(step, hash: hash)
        model[step] = hash
      } else if let (slot, hash) = model.randomElement(using: &random) {
        index.remove(slot, hash: hash)
        model[slot] = nil
      }
      #expect(index.count == model.count)
      guard step.isMultiple(of: 500) else { continue }
      for (slot, hash) in model {
        #expect(index.slot(hash: hash) { $0 == slot } == slot)
      }
      #expect(index.slot(hash: 1) { _ in true } == nil)
    }
  }
}

extension Timestamp {
  fileprivate static func - (time: Timestamp, duration: Duration) -> Timestamp {
    time + (.zero - duration)
  }
}
