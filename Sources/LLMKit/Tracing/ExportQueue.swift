/// One thing that is sent to the tracing server.
package enum ExportItem: Sendable, Hashable {
  case span(TraceSpan)
  case score(TraceScore)
  case scoreDeletion(id: String)

  var byteCount: Int {
    switch self {
    case .span(let span):
      1024 + (span.input?.byteCount ?? 0) + (span.output?.byteCount ?? 0)
    case .score(let score): 256 + (score.comment?.utf8.count ?? 0)
    case .scoreDeletion: 256
    }
  }

  /// Bytes of a request: each text of a span is told under two names.
  var requestByteCount: Int { isSpan ? 2 * byteCount : byteCount }

  var isSpan: Bool { if case .span = self { true } else { false } }
}

/// What goes into one request: spans, or one of anything else.
package struct ExportBatch: Sendable, Hashable {
  package var items: [ExportItem]
  /// Times it was sent and failed.
  package var failureCount = 0
}

/// Decides what is sent when, what is kept and what is given up. Knows no network and no clock:
/// every moment is a time since some fixed one.
package struct ExportQueue {
  /// What the exporter does next.
  package enum Step: Sendable, Hashable {
    /// Send this, and tell its outcome.
    case send(ExportBatch)
    /// Ask again at that moment, or when something was added.
    case wait(until: Duration)
    /// Nothing is left.
    case rest
  }

  private struct Waiting {
    let item: ExportItem
    let byteCount: Int
    let arrivedAt: Duration
  }

  private let limits: TracingLimits
  private var waiting = FirstInFirstOut<Waiting>()
  private var waitingByteCount = 0
  /// Batches that were made already: what failed, and what was too long for one request.
  private var unsent: [ExportBatch] = []
  /// The batch that is being sent.
  private var sentItemCount = 0
  private var notBefore = Duration.zero
  private var disabledUntil: Duration?
  private var statistics = TracingStatistics()
  /// Set once the program ends: from then on nothing waits for company, and nothing beyond it.
  private var closesAt: Duration?

  package init(_ limits: TracingLimits) { self.limits = limits }

  /// What has become of everything so far.
  package func statistics(at now: Duration) -> TracingStatistics {
    var statistics = statistics
    let unsentCount = unsent.reduce(0) { $0 + $1.items.count }
    statistics.waitingCount = waiting.count + unsentCount + sentItemCount
    statistics.isDisabled = isDisabled(at: now)
    return statistics
  }

  /// Takes an item, at the price of the oldest when there is no room. True: there is now something
  /// to do earlier than ``next(at:)`` has said.
  package mutating func add(_ item: ExportItem, at now: Duration) -> Bool {
    guard closesAt == nil, !isDisabled(at: now) else {
      statistics.droppedCount += 1
      return false
    }
    let wasFull = isBatchFull
    let byteCount = item.byteCount
    waiting.append(Waiting(item: item, byteCount: byteCount, arrivedAt: now))
    waitingByteCount += byteCount
    while waiting.count > limits.waitingCountMax || waitingByteCount > limits.waitingByteCountMax {
      guard let oldest = waiting.popFirst() else { break }
      waitingByteCount -= oldest.byteCount
      statistics.droppedCount += 1
    }
    return isBatchFull && !wasFull
  }

  /// Drops the spans of a user that wait, and returns how many. What is being sent is sent.
  package mutating func forget(user: String) -> Int {
    func isOf(_ item: ExportItem) -> Bool {
      if case .span(let span) = item { span.trace.user == user } else { false }
    }
    let before = waiting.count + unsent.reduce(0) { $0 + $1.items.count }
    var kept = FirstInFirstOut<Waiting>()
    while let next = waiting.popFirst() {
      if isOf(next.item) { waitingByteCount -= next.byteCount } else { kept.append(next) }
    }
    waiting = kept
    for index in unsent.indices { unsent[index].items.removeAll(where: isOf) }
    unsent.removeAll { $0.items.isEmpty }
    let count = before - waiting.count - unsent.reduce(0) { $0 + $1.items.count }
    statistics.droppedCount += count
    return count
  }

  /// What to do now.
  package mutating func next(at now: Duration) -> Step {
    guard !unsent.isEmpty || waiting.first != nil else { return .rest }
    if isDisabled(at: now) {
      dropAll()
      return .rest
    }
    let due = max(notBefore, unsent.isEmpty ? batchDueAt : .zero)
    if let closesAt, max(due, now) >= closesAt {
      // Whoever waits for the end would wait in vain.
      dropAll()
      return .rest
    }
    guard due <= now else { return .wait(until: due) }
    let batch = unsent.isEmpty ? takeBatch() : unsent.removeFirst()
    if batch.failureCount > 0 { statistics.retriedCount += 1 }
    sentItemCount = batch.items.count
    return .send(batch)
  }

  /// Takes note of what came of `batch`. Returns what a person should be told, once.
  package mutating func finished(
    _ batch: ExportBatch, _ outcome: ExportOutcome, at now: Duration, jitter: Double
  ) -> String? {
    sentItemCount = 0
    switch outcome {
    case .accepted(let refusedCount):
      let refusedCount = min(refusedCount, batch.items.count)
      statistics.refuse(refusedCount, "the server took the batch without some of its spans")
      statistics.sentCount += batch.items.count - refusedCount
      notBefore = .zero
    case .refused(let reason):
      statistics.refuse(batch.items.count, reason)
      notBefore = .zero
    case .tooLarge: split(batch)
    case .retry(let delay, let reason):
      statistics.lastProblem = reason
      retry(batch, after: delay, at: now, jitter: jitter)
    case .unauthorized(let reason): return disable(batch, until: .seconds(Int64.max / 2), reason)
    case .suspended(let reason): return disable(batch, until: now + limits.suspension, reason)
    }
    return nil
  }

  /// From now on takes nothing, and gives up what has not been sent by `deadline`.
  package mutating func close(by deadline: Duration) {
    closesAt = min(closesAt ?? deadline, deadline)
  }

  private var isBatchFull: Bool {
    waiting.count >= limits.batchSpanCountMax || 2 * waitingByteCount >= limits.batchByteCountMax
  }

  private var batchDueAt: Duration {
    guard let first = waiting.first, first.item.isSpan, !isBatchFull, closesAt == nil else {
      return .zero
    }
    return first.arrivedAt + limits.batchDelay
  }

  private func isDisabled(at now: Duration) -> Bool { disabledUntil.map { now < $0 } ?? false }

  private mutating func takeBatch() -> ExportBatch {
    var items: [ExportItem] = []
    var byteCount = 0
    while let next = waiting.first, items.count < limits.batchSpanCountMax {
      let fits = byteCount + next.item.requestByteCount <= limits.batchByteCountMax
      guard items.isEmpty || (fits && next.item.isSpan && items[0].isSpan) else { break }
      _ = waiting.popFirst()
      waitingByteCount -= next.byteCount
      byteCount += next.item.requestByteCount
      items.append(next.item)
    }
    return ExportBatch(items: items)
  }

  private mutating func split(_ batch: ExportBatch) {
    guard batch.items.count > 1 else {
      statistics.refuse(batch.items.count, "one span alone is too long to be sent")
      return
    }
    let middle = batch.items.count / 2
    unsent.insert(
      contentsOf: [
        ExportBatch(items: Array(batch.items[..<middle])),
        ExportBatch(items: Array(batch.items[middle...])),
      ], at: 0)
  }

  private mutating func retry(
    _ batch: ExportBatch, after delay: Duration?, at now: Duration, jitter: Double
  ) {
    let exponent = min(batch.failureCount, 20)
    let backoff = min(limits.backoffFirst * (1 << exponent), limits.backoffMax) * jitter
    notBefore = now + max(backoff, min(delay ?? .zero, limits.retryAfterMax))
    var batch = batch
    batch.failureCount += 1
    if batch.failureCount > limits.retryCountMax || closesAt.map({ $0 <= now }) == true {
      statistics.droppedCount += batch.items.count
    } else {
      unsent.insert(batch, at: 0)
    }
  }

  private mutating func disable(
    _ batch: ExportBatch, until moment: Duration, _ reason: String
  ) -> String? {
    disabledUntil = moment
    statistics.refuse(batch.items.count, reason)
    dropAll()
    return reason
  }

  private mutating func dropAll() {
    statistics.droppedCount += waiting.count + unsent.reduce(0) { $0 + $1.items.count }
    waiting = FirstInFirstOut()
    waitingByteCount = 0
    unsent = []
  }
}

/// A list that grows at its end and shrinks at its beginning, both in constant time.
private struct FirstInFirstOut<Element> {
  private var elements: [Element?] = []
  private var start = 0

  var count: Int { elements.count - start }
  var first: Element? { start < elements.count ? elements[start] : nil }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard start < elements.count else { return nil }
    defer {
      elements[start] = nil
      start += 1
      // Half of it is empty: move the rest once, which each element has paid for.
      if start * 2 > elements.count {
        elements.removeFirst(start)
        start = 0
      }
    }
    return elements[start]
  }
}
