import SessionCore

extension TokenUsage {
  /// The counts under the names that Langfuse prices. It adds them up, so none holds another.
  var langfuseDetails: JSONValue {
    let cachedTokenCount = cachedTokenCount ?? 0
    var details: [String: JSONValue] = [
      "input": .integer(Int64(max(0, promptTokenCount - cachedTokenCount))),
      "output": .integer(Int64(answerTokenCount)),
    ]
    if cachedTokenCount > 0 {
      details["input_cached_tokens"] = .integer(Int64(cachedTokenCount))
    }
    if thoughtTokenCount > 0 {
      details["output_reasoning_tokens"] = .integer(Int64(thoughtTokenCount))
    }
    if totalTokenCount > 0 { details["total"] = .integer(Int64(totalTokenCount)) }
    return .object(details)
  }

  /// The counts under OpenTelemetry's names, where input and output hold all of their parts.
  var openTelemetryAttributes: [TraceAttribute] {
    var attributes: [TraceAttribute] = [
      TraceAttribute("gen_ai.usage.input_tokens", .integer(promptTokenCount)),
      TraceAttribute(
        "gen_ai.usage.output_tokens", .integer(answerTokenCount + thoughtTokenCount)),
    ]
    if let cachedTokenCount, cachedTokenCount > 0 {
      attributes.append(
        TraceAttribute("gen_ai.usage.cache_read.input_tokens", .integer(cachedTokenCount)))
    }
    if thoughtTokenCount > 0 {
      attributes.append(
        TraceAttribute("gen_ai.usage.reasoning.output_tokens", .integer(thoughtTokenCount)))
    }
    return attributes
  }
}
