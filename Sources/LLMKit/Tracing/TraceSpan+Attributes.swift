import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension TraceSpan {
  /// All that the span says, under Langfuse's names and under OpenTelemetry's for generative AI, so
  /// that any backend can read it.
  func attributes(_ labels: TraceLabels) -> [TraceAttribute] {
    traceAttributes(labels) + observationAttributes + generationAttributes
  }

  /// Langfuse does not copy these down from the root: each span has them.
  private func traceAttributes(_ labels: TraceLabels) -> [TraceAttribute] {
    var attributes = [TraceAttribute("langfuse.trace.name", trace.name)]
    if let user = trace.user { attributes.append(TraceAttribute("user.id", TraceName.plain(user))) }
    if let session = trace.session.map(TraceName.plain) {
      attributes.append(TraceAttribute("session.id", session))
      attributes.append(TraceAttribute("gen_ai.conversation.id", session))
    }
    let tags = labels.tags + trace.tags
    if !tags.isEmpty { attributes.append(TraceAttribute("langfuse.trace.tags", .strings(tags))) }
    if let environment = labels.environment {
      attributes.append(TraceAttribute("langfuse.environment", environment))
    }
    if let release = labels.release {
      attributes.append(TraceAttribute("langfuse.release", release))
    }
    for (key, value) in labels.metadata.sorted(by: { $0.key < $1.key }) {
      attributes.append(TraceAttribute("langfuse.trace.metadata.\(key)", value))
    }
    return attributes
  }

  private var observationAttributes: [TraceAttribute] {
    var attributes = [
      TraceAttribute("langfuse.observation.type", generation == nil ? "span" : "generation"),
      TraceAttribute("langfuse.observation.level", level.rawValue),
    ]
    if let statusMessage {
      attributes.append(TraceAttribute("langfuse.observation.status_message", statusMessage))
    }
    if let errorType { attributes.append(TraceAttribute("error.type", errorType)) }
    if let input {
      attributes.append(TraceAttribute("langfuse.observation.input", input.json.jsonText))
    }
    if let output {
      attributes.append(TraceAttribute("langfuse.observation.output", output.json.jsonText))
    }
    attributes += messageAttributes
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      attributes.append(TraceAttribute("langfuse.observation.metadata.\(key)", value))
    }
    return attributes
  }

  /// The texts as OpenTelemetry's conventions for generative AI have them, for other viewers:
  /// messages of parts, the instruction apart.
  private var messageAttributes: [TraceAttribute] {
    var attributes: [TraceAttribute] = []
    if let input {
      let messages = input.messages(by: .user)
      let instructions = messages.filter { $0.role == .system }.map {
        JSONValue.object(["type": "text", "content": .string($0.content)])
      }
      if !instructions.isEmpty {
        attributes.append(
          TraceAttribute("gen_ai.system_instructions", JSONValue.array(instructions).jsonText))
      }
      let others = messages.filter { $0.role != .system }.map(\.openTelemetryJSON)
      attributes.append(TraceAttribute("gen_ai.input.messages", JSONValue.array(others).jsonText))
    }
    if let output {
      let messages = output.messages(by: .assistant).map { message in
        var fields = message.openTelemetryJSON.fields ?? [:]
        fields["finish_reason"] = .string(generation?.finishReason ?? "stop")
        return JSONValue.object(fields)
      }
      attributes.append(
        TraceAttribute("gen_ai.output.messages", JSONValue.array(messages).jsonText))
    }
    return attributes
  }

  private var generationAttributes: [TraceAttribute] {
    guard let generation else { return [] }
    var attributes = [
      TraceAttribute(
        "langfuse.observation.model.name", generation.model ?? generation.requestedModel),
      TraceAttribute("gen_ai.operation.name", "chat"),
      TraceAttribute("gen_ai.request.model", generation.requestedModel),
    ]
    if !generation.parameters.isEmpty {
      attributes.append(
        TraceAttribute(
          "langfuse.observation.model.parameters", JSONValue.object(generation.parameters).jsonText
        ))
    }
    if let provider = generation.provider {
      attributes.append(TraceAttribute("gen_ai.provider.name", provider))
    }
    if let address = generation.serverAddress {
      attributes.append(TraceAttribute("server.address", address))
    }
    if let model = generation.model {
      attributes.append(TraceAttribute("gen_ai.response.model", model))
    }
    if let reason = generation.finishReason {
      attributes.append(TraceAttribute("gen_ai.response.finish_reasons", .strings([reason])))
    }
    if let usage = generation.usage {
      attributes.append(
        TraceAttribute("langfuse.observation.usage_details", usage.langfuseDetails.jsonText))
      attributes += usage.openTelemetryAttributes
    }
    if let moment = generation.firstTextAt {
      attributes.append(
        TraceAttribute("langfuse.observation.completion_start_time", moment.iso8601))
    }
    return attributes
  }
}

extension Timestamp {
  /// Such as `2026-11-22T10:00:00.640Z`.
  var iso8601: String {
    let (second, millisecond) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    // The thousandths are written by hand: a Date is a Double, which has no exact ones.
    let text = Date(timeIntervalSince1970: Double(second)).formatted(Date.ISO8601FormatStyle())
    let digits = String(1000 + abs(millisecond)).dropFirst()
    return text.hasSuffix("Z") ? "\(text.dropLast()).\(digits)Z" : text
  }
}

/// Names as Langfuse takes them.
enum TraceName {
  private static let byteCountMax = 200

  /// `name` in at most 200 ASCII characters. Two names stay two: what is not plain is encoded as in
  /// a URL, and what is too long ends in a digest of the whole.
  static func plain(_ name: String) -> String {
    var text = ""
    for byte in name.utf8 {
      if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "%") {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += digits.count < 2 ? "%0\(digits)" : "%\(digits)"
      }
    }
    guard text.utf8.count > byteCountMax else { return text }
    let digest = TraceID(seed: name).description
    return text.prefix(byteCountMax - digest.utf8.count - 1) + "-" + digest
  }
}
