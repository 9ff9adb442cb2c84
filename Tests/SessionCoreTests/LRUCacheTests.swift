import TestSupport
import Testing

@testable import SessionCore

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
      for key in keys[..<count].reversed() { _ = cache.withValue(for: key, at: start) { $0.append(2) } }
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
