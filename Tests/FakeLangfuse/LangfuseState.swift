/// Which interface a fault is for.
public enum LangfuseCall: Sendable, Hashable, CaseIterable {
  /// `/api/public/otel/v1/traces`.
  case traces
  /// `/api/public/scores`.
  case scores
  /// `/api/public/ingestion`.
  case ingestion
}

/// What a fake has stored, and what it was told.
struct LangfuseState: Sendable {
  var spans: [LangfuseSpan] = []
  var scores: [String: JSONValue] = [:]
  var scoreWriteCount = 0
  var exportCount = 0
  private var queues: [LangfuseCall: [LangfuseFault]] = [:]
  private var standing: [LangfuseCall: LangfuseFault] = [:]

  mutating func enqueue(_ faults: [LangfuseFault], for call: LangfuseCall) {
    queues[call, default: []] += faults
  }

  mutating func set(_ fault: LangfuseFault?, for call: LangfuseCall) { standing[call] = fault }

  mutating func nextFault(for call: LangfuseCall) -> LangfuseFault? {
    queues[call]?.isEmpty == false ? queues[call]?.removeFirst() : standing[call]
  }

  var queuedCount: Int { queues.values.reduce(0) { $0 + $1.count } }
}
