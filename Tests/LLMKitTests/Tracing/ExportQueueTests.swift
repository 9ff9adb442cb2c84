import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("What is sent when, and what is given up")
struct ExportQueueTests {
  private static let template = TraceSpan(
    "", of: TraceContext(id: TraceID(seed: "t"), name: "chat-turn"), id: SpanID(seed: "s"),
    parent: nil, from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: 0))

  private static func span(_ number: Int, text: String = "") -> ExportItem {
    var span = template
    span.name = "span-\(number)"
    if !text.isEmpty { span.input = .text(text) }
    return .span(span)
  }

  private static func names(_ step: ExportQueue.Step) -> [String] {
    guard case .send(let batch) = step else { return [] }
    return batch.items.map { item in
      switch item {
      case .span(let span): span.name
      case .score(let score): "score-\(score.id)"
      case .scoreDeletion(let id): "delete-\(id)"
      }
    }
  }

  private static func batch(_ step: ExportQueue.Step) throws -> ExportBatch {
    guard case .send(let batch) = step else { throw NothingToSend(step: "\(step)") }
    return batch
  }

  struct NothingToSend: Error { let step: String }

  private static let ok = ExportOutcome.accepted(refusedCount: 0)

  @Test("A9 The spans of a user that wait are dropped, also those that failed, and no others")
  func forgets() throws {
    var queue = ExportQueue(TracingLimits())
    func add(_ number: Int, of user: String) {
      guard case .span(var span) = Self.span(number) else { return }
      span.trace.user = user
      _ = queue.add(.span(span), at: .zero)
    }
    add(1, of: "Awa")
    add(2, of: "Moussa")
    let batch = try Self.batch(queue.next(at: .seconds(60)))
    _ = queue.finished(
      batch, .retry(after: nil, "away"), at: .seconds(60), jitter: 1)
    add(3, of: "Awa")
    add(4, of: "Moussa")
    #expect(queue.forget(user: "Awa") == 2)
    #expect(queue.forget(user: "Awa") == 0)
    var names: [String] = []
    for _ in 0..<2 {
      let step = queue.next(at: .seconds(3600))
      names += Self.names(step)
      _ = queue.finished(
        try Self.batch(step), .accepted(refusedCount: 0), at: .seconds(3600), jitter: 1)
    }
    #expect(names == ["span-2", "span-4"])
    #expect(queue.statistics(at: .seconds(3600)).waitingCount == 0)
    #expect(queue.statistics(at: .seconds(3600)).droppedCount == 2)
  }

  @Test("A span waits a second for others, a full batch for nobody")
  func batches() throws {
    var queue = ExportQueue(TracingLimits())
    #expect(queue.next(at: .zero) == .rest)
    #expect(queue.add(Self.span(0), at: .milliseconds(100)) == false)
    #expect(queue.next(at: .milliseconds(200)) == .wait(until: .milliseconds(1100)))
    for number in 1..<49 { #expect(queue.add(Self.span(number), at: .milliseconds(300)) == false) }
    #expect(queue.next(at: .milliseconds(400)) == .wait(until: .milliseconds(1100)))
    #expect(queue.add(Self.span(49), at: .milliseconds(500)) == true)
    #expect(queue.add(Self.span(50), at: .milliseconds(500)) == false)
    let first = try Self.batch(queue.next(at: .milliseconds(500)))
    #expect(first.items.count == 50)
    #expect(queue.finished(first, Self.ok, at: .milliseconds(600), jitter: 1) == nil)
    #expect(queue.next(at: .milliseconds(600)) == .wait(until: .milliseconds(1500)))
    #expect(Self.names(queue.next(at: .milliseconds(1500))) == ["span-50"])
  }

  @Test("A batch stays below the size of a request")
  func batchSize() throws {
    var queue = ExportQueue(TracingLimits())
    let text = String(repeating: "x", count: 750_000)
    for number in 0..<3 { _ = queue.add(Self.span(number, text: text), at: .zero) }
    let first = queue.next(at: .zero)
    #expect(Self.names(first) == ["span-0", "span-1"])
    _ = queue.finished(try Self.batch(first), Self.ok, at: .zero, jitter: 1)
    #expect(queue.next(at: .zero) == .wait(until: .seconds(1)))
  }

  @Test("R3: more than can wait drops the oldest, and counts them")
  func bound() throws {
    var limits = TracingLimits()
    limits.waitingCountMax = 10
    limits.batchSpanCountMax = 100
    var queue = ExportQueue(limits)
    for number in 0..<25 { _ = queue.add(Self.span(number), at: .zero) }
    #expect(queue.statistics(at: .zero).droppedCount == 15)
    #expect(queue.statistics(at: .zero).waitingCount == 10)
    #expect(Self.names(queue.next(at: .seconds(1))) == (15..<25).map { "span-\($0)" })
  }

  @Test("R3: more text than can wait drops the oldest too")
  func byteBound() {
    var limits = TracingLimits()
    limits.waitingByteCountMax = 1 << 20
    limits.batchByteCountMax = 4 << 20
    var queue = ExportQueue(limits)
    let text = String(repeating: "x", count: 300_000)
    for number in 0..<5 { _ = queue.add(Self.span(number, text: text), at: .zero) }
    #expect(Self.names(queue.next(at: .seconds(1))) == ["span-2", "span-3", "span-4"])
    #expect(queue.statistics(at: .zero).droppedCount == 2)
  }

  @Test("A failed request is sent again after 1, 2, 4 … seconds, five times, and then dropped")
  func retries() throws {
    var queue = ExportQueue(TracingLimits())
    _ = queue.add(Self.span(0), at: .zero)
    var now = Duration.seconds(1)
    for wait in [1, 2, 4, 8, 16] {
      let batch = try Self.batch(queue.next(at: now))
      #expect(queue.finished(batch, .retry(after: nil, "HTTP 503"), at: now, jitter: 1) == nil)
      #expect(queue.next(at: now) == .wait(until: now + .seconds(wait)))
      now += .seconds(wait)
    }
    #expect(queue.statistics(at: now).waitingCount == 1)
    let last = try Self.batch(queue.next(at: now))
    _ = queue.finished(last, .retry(after: nil, "HTTP 503"), at: now, jitter: 1)
    #expect(queue.next(at: now) == .rest)
    let statistics = queue.statistics(at: now)
    #expect(statistics.retriedCount == 5)
    #expect(statistics.droppedCount == 1)
    #expect(statistics.sentCount == 0)
    #expect(statistics.waitingCount == 0)
    #expect(statistics.lastProblem == "HTTP 503")
  }

  @Test("A server's own delay is kept when it is longer than ours, up to a quarter of an hour")
  func retryAfter() throws {
    for (asked, expected) in [(20, 20), (0, 1), (86_400, 900)] {
      var queue = ExportQueue(TracingLimits())
      _ = queue.add(Self.span(0), at: .zero)
      let batch = try Self.batch(queue.next(at: .seconds(1)))
      _ = queue.finished(
        batch, .retry(after: .seconds(asked), "HTTP 429"), at: .seconds(1), jitter: 1)
      #expect(queue.next(at: .seconds(1)) == .wait(until: .seconds(1 + expected)))
    }
  }

  @Test("What failed is sent before what came later, one request at a time")
  func order() throws {
    var queue = ExportQueue(TracingLimits())
    _ = queue.add(Self.span(0), at: .zero)
    let batch = try Self.batch(queue.next(at: .seconds(1)))
    _ = queue.add(Self.span(1), at: .seconds(1))
    _ = queue.finished(batch, .retry(after: nil, ""), at: .seconds(1), jitter: 1)
    let again = queue.next(at: .seconds(2))
    #expect(Self.names(again) == ["span-0"])
    _ = queue.finished(try Self.batch(again), Self.ok, at: .seconds(2), jitter: 1)
    #expect(Self.names(queue.next(at: .seconds(2))) == ["span-1"])
  }

  @Test("What is too long is halved until it fits; a span that alone is too long is refused")
  func splits() throws {
    var queue = ExportQueue(TracingLimits())
    for number in 0..<5 { _ = queue.add(Self.span(number), at: .zero) }
    var taken: [String] = []
    var now = Duration.seconds(1)
    while case .send(let batch) = queue.next(at: now) {
      let names = Self.names(.send(batch))
      let fits = batch.items.count <= 2 && names != ["span-4"] && !names.contains("span-3")
      if fits { taken += names }
      _ = queue.finished(batch, fits ? Self.ok : .tooLarge, at: now, jitter: 1)
      now += .milliseconds(1)
    }
    #expect(taken == ["span-0", "span-1", "span-2"])
    #expect(queue.statistics(at: now).sentCount == 3)
    #expect(queue.statistics(at: now).refusedCount == 2)
    #expect(queue.statistics(at: now).retriedCount == 0)
    #expect(queue.next(at: now) == .rest)
  }

  @Test("Keys that are not accepted disable tracing for good, and that is told once")
  func unauthorized() throws {
    var queue = ExportQueue(TracingLimits())
    _ = queue.add(Self.span(0), at: .zero)
    let batch = try Self.batch(queue.next(at: .seconds(1)))
    _ = queue.add(Self.span(1), at: .seconds(1))
    #expect(
      queue.finished(batch, .unauthorized("HTTP 401"), at: .seconds(1), jitter: 1) == "HTTP 401")
    #expect(queue.add(Self.span(2), at: .seconds(2)) == false)
    #expect(queue.next(at: .seconds(1_000_000)) == .rest)
    let statistics = queue.statistics(at: .seconds(1_000_000))
    #expect(statistics.isDisabled)
    #expect(statistics.refusedCount == 1)
    #expect(statistics.droppedCount == 2)
  }

  @Test("A plan's limit disables tracing for an hour")
  func suspended() throws {
    var queue = ExportQueue(TracingLimits())
    _ = queue.add(Self.span(0), at: .zero)
    let batch = try Self.batch(queue.next(at: .seconds(1)))
    #expect(
      queue.finished(batch, .suspended("HTTP 403"), at: .seconds(1), jitter: 1) == "HTTP 403")
    _ = queue.add(Self.span(1), at: .seconds(3600))
    #expect(queue.next(at: .seconds(3600)) == .rest)
    #expect(queue.statistics(at: .seconds(3600)).isDisabled)
    _ = queue.add(Self.span(2), at: .seconds(3601))
    #expect(!queue.statistics(at: .seconds(3601)).isDisabled)
    #expect(Self.names(queue.next(at: .seconds(3602))) == ["span-2"])
  }

  @Test("A refused batch is not sent again, and the next one goes at once")
  func refused() throws {
    var queue = ExportQueue(TracingLimits())
    for number in 0..<51 { _ = queue.add(Self.span(number), at: .zero) }
    let batch = try Self.batch(queue.next(at: .zero))
    #expect(queue.finished(batch, .refused("HTTP 400"), at: .zero, jitter: 1) == nil)
    #expect(Self.names(queue.next(at: .seconds(1))) == ["span-50"])
    #expect(queue.statistics(at: .zero).refusedCount == 50)
    #expect(queue.statistics(at: .zero).lastProblem == "HTTP 400")
  }

  @Test("Scores travel alone and in order")
  func scores() throws {
    var queue = ExportQueue(TracingLimits())
    let score = TraceScore(id: "a", trace: TraceID(seed: ""), name: "x", value: .boolean(true))
    _ = queue.add(Self.span(0), at: .zero)
    _ = queue.add(.score(score), at: .zero)
    _ = queue.add(.scoreDeletion(id: "a"), at: .zero)
    _ = queue.add(Self.span(1), at: .zero)
    var sent: [[String]] = []
    while case .send(let batch) = queue.next(at: .seconds(1)) {
      sent.append(Self.names(.send(batch)))
      _ = queue.finished(batch, Self.ok, at: .seconds(1), jitter: 1)
    }
    #expect(sent == [["span-0"], ["score-a"], ["delete-a"], ["span-1"]])
  }

  @Test("At the end nothing waits for company, and nothing waits beyond the end")
  func closing() throws {
    var queue = ExportQueue(TracingLimits())
    _ = queue.add(Self.span(0), at: .zero)
    queue.close(by: .seconds(2))
    let batch = try Self.batch(queue.next(at: .zero))
    #expect(queue.add(Self.span(1), at: .zero) == false)
    _ = queue.finished(batch, .retry(after: .seconds(1), ""), at: .zero, jitter: 1)
    #expect(queue.next(at: .zero) == .wait(until: .seconds(1)))
    let again = try Self.batch(queue.next(at: .seconds(1)))
    _ = queue.finished(again, .retry(after: .seconds(5), ""), at: .seconds(1), jitter: 1)
    #expect(queue.next(at: .seconds(1)) == .rest)
    #expect(queue.statistics(at: .seconds(1)).droppedCount == 2)
    #expect(queue.statistics(at: .seconds(1)).waitingCount == 0)
  }

  @Test(
    "Every item ends in exactly one count, whatever the server answers", .timeLimit(.minutes(5)))
  func conservation() throws {
    for seed in 0..<100 as Range<UInt64> {
      var random = RepeatableRandom(seed: seed)
      var limits = TracingLimits()
      limits.waitingCountMax = 40
      limits.batchSpanCountMax = 7
      var queue = ExportQueue(limits)
      var now = Duration.zero
      var addedCount = 0
      for step in 0..<200 {
        now += .milliseconds(Int.random(in: 0...700, using: &random))
        for _ in 0..<Int.random(in: 0...6, using: &random) {
          let isScore = Int.random(in: 0..<9, using: &random) == 0
          _ = queue.add(
            isScore ? .scoreDeletion(id: "\(addedCount)") : Self.span(addedCount), at: now)
          addedCount += 1
        }
        if case .send(let batch) = queue.next(at: now) {
          let outcomes: [ExportOutcome] = [
            Self.ok, .accepted(refusedCount: 3), .refused(""), .tooLarge,
            .retry(after: nil, ""), .retry(after: .seconds(3), ""), .suspended(""),
          ]
          let outcome = outcomes.randomElement(using: &random) ?? Self.ok
          _ = queue.finished(batch, outcome, at: now, jitter: 1)
        }
        if step == 190 { queue.close(by: now + .seconds(2)) }
        let counts = queue.statistics(at: now)
        let sum =
          counts.sentCount + counts.refusedCount + counts.droppedCount + counts.waitingCount
        #expect(sum == addedCount, "seed \(seed), step \(step)")
        #expect(counts.waitingCount <= 40 + 7, "seed \(seed), step \(step)")
        if sum != addedCount { return }
      }
    }
  }
}
