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
  var scores: [String: JSONDocument] = [:]
  var scoreWriteCount = 0
  var exportCount = 0
  var script = Script<LangfuseCall, LangfuseFault>()
}
