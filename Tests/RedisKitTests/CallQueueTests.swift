import Testing

@testable import RedisKit

@Suite("Calls in the order of their answers")
struct CallQueueTests {
  private func call(
    _ id: UInt64, due deadline: Int64 = 0, _ receiver: Call.Receiver = .nobody, replies: Int = 1,
    end: Int? = nil
  ) -> Call {
    Call(
      id: id, bytes: [UInt8](repeating: 0, count: 10), replyCount: replies, receiver: receiver,
      deadline: deadline, streamEnd: end)
  }

  @Test("Whoever is due is taken out, wherever it stands; the others keep their order")
  func overdue() {
    let queue = CallQueue()
    #expect(queue.deadlineBound == .max)
    for (id, deadline) in [(1, 50), (2, 10), (3, 40), (4, 20)] as [(UInt64, Int64)] {
      queue.append(call(id, due: deadline))
    }
    #expect(queue.deadlineBound == 10)
    #expect(queue.takeOverdue(at: 9).isEmpty)
    #expect(queue.takeOverdue(at: 20).map(\.id) == [2, 4])
    #expect(queue.deadlineBound == 40)
    #expect(queue.takeAll().map(\.id) == [1, 3])
    #expect(queue.deadlineBound == .max)
  }

  @Test("A call that is due and has its place fails alone, and keeps the place")
  func placed() async throws {
    let queue = CallQueue()
    queue.append(call(1, due: 50))
    queue.append(call(2, due: 5))
    let late = RedisError(code: .timedOut, reason: "late")
    await #expect(throws: late) {
      _ = try await withUnsafeThrowingContinuation { continuation in
        queue.append(self.call(3, due: 10, .many(continuation)))
        queue.failOverdue(at: 9, late)
        #expect(queue.deadlineBound == 10, "nobody waits for the one before")
        queue.failOverdue(at: 10, late)
      }
    }
    #expect(queue.deadlineBound == .max)
    #expect(queue.takeAll().map(\.id) == [1, 2, 3])
  }

  @Test("A command acts when all of it was sent, a pipeline when it was begun")
  func acting() {
    for sentCount in 0...40 {
      #expect(call(1, end: 30).mayHaveActed(afterSending: sentCount) == (sentCount >= 30))
      let pipeline = call(1, replies: 2, end: 30)
      #expect(pipeline.mayHaveActed(afterSending: sentCount) == (sentCount > 20))
    }
    #expect(!call(1, replies: 2).mayHaveActed(afterSending: 40), "it has no place")
  }
}
