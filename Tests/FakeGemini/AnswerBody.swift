/// How an answer's chunks travel.
enum AnswerFormat: Sendable, Hashable {
  /// One JSON document.
  case single
  /// `alt=sse`.
  case eventStream
  /// A stream without `alt=sse`: one array, sent piece by piece.
  case arrayStream
}

/// Puts chunks on the wire as a plan says.
struct AnswerBody {
  let plan: AnswerPlan
  let format: AnswerFormat
  let model: String

  func reply(before: [JSONDocument], after: [JSONDocument]) -> HTTPReply {
    var steps: [HTTPReply.Step]
    switch format {
    case .single: steps = single(before, after)
    case .eventStream: steps = stream(before, after, write: event)
    case .arrayStream: steps = stream(before, after, write: element)
    }
    steps = plan.splitting.applied(to: steps)
    if case .reset(let byteCount?) = plan.middle {
      let bytes = HTTPReply(status: 200, headers: [], chunks: steps).body
      steps = [.send(Array(bytes.prefix(byteCount))), .reset]
    }
    let isStream = format == .eventStream
    var reply = HTTPReply(
      status: 200,
      headers: ServiceHeaders.lines(
        contentType: isStream ? "text/event-stream" : "application/json; charset=UTF-8"),
      chunks: steps)
    if plan.holdsBeforeHead { reply.prelude = [.hold(for: plan.holdDuration)] }
    return reply
  }

  // MARK: - Streams

  private func stream(
    _ before: [JSONDocument], _ after: [JSONDocument], write: (JSONDocument, Int, Bool) -> String
  ) -> [HTTPReply.Step] {
    let middle = middleSteps
    let all = before + (middle.endsHere ? [] : after)
    var steps: [HTTPReply.Step] = []
    for (index, chunk) in all.enumerated() {
      if index == before.count { steps += middle.steps }
      let isLast = index == all.count - 1 && !middle.endsHere
      steps.append(.send(Array(write(chunk, index, isLast).utf8)))
    }
    if all.count == before.count { steps += middle.steps }
    let isClosed = format == .arrayStream && plan.middle != .cut && plan.middle != .end
    if isClosed, !middle.resets { steps.append(.send(Array("\n]\n".utf8))) }
    return steps
  }

  private func event(_ json: JSONDocument, index: Int, isLast: Bool) -> String {
    let style = plan.style
    let end = style.lineEnd
    var text = ""
    if index == 0, style.hasByteOrderMark { text += "\u{FEFF}" }
    if style.hasComments { text += ": comment \(index)\(end)\(end)id: \(index)\(end)" }
    let lines =
      style.isMultiline
      ? json.pretty.split(separator: "\n").map(String.init) : [json.compact]
    text += lines.map { style.field + $0 }.joined(separator: end) + end
    return isLast && !style.endsLastEvent ? text : text + end
  }

  private func element(_ json: JSONDocument, index: Int, isLast: Bool) -> String {
    (index == 0 ? "[" : ",\r\n") + json.pretty
  }

  private var middleSteps: (steps: [HTTPReply.Step], endsHere: Bool, resets: Bool) {
    switch plan.middle {
    case .hold: ([.hold(for: plan.holdDuration)], false, false)
    case .end: ([], true, false)
    case .cut: ([.cut], true, true)
    case .reset(byteCount: nil): ([.reset], true, true)
    case .error(let form, let refusal): ([.send(errorBytes(form, refusal))], true, false)
    case .reset, .finish, .malformedCall, nil: ([], false, false)
    }
  }

  private func errorBytes(_ form: Scenario.ErrorForm, _ refusal: Refusal) -> [UInt8] {
    let error = refusal.body(model: model)?.json ?? [:]
    let end = plan.style.lineEnd
    let text =
      switch (format, form) {
      case (.arrayStream, _): ",\r\n" + error.pretty
      case (_, .bare): error.pretty + "\n"
      case (_, .dataLine): plan.style.field + error.compact + end + end
      case (_, .array): JSONDocument.array([error]).pretty + "\n"
      }
    return Array(text.utf8)
  }

  // MARK: - One document

  private func single(_ before: [JSONDocument], _ after: [JSONDocument]) -> [HTTPReply.Step] {
    let middle = middleSteps
    let document =
      if case .error(_, let refusal) = plan.middle {
        refusal.body(model: model)?.json ?? [:]
      } else {
        Self.summed(before + (middle.endsHere && !middle.resets ? [] : after))
      }
    let bytes = Array((document.pretty + "\n").utf8)
    switch plan.middle {
    case .hold, .cut, .reset:
      let half = bytes.count / 2
      return [.send(Array(bytes[..<half]))] + middle.steps
        + (middle.endsHere ? [] : [.send(Array(bytes[half...]))])
    default: return [.send(bytes)]
    }
  }

  /// One document that says what the chunks say together.
  static func summed(_ chunks: [JSONDocument]) -> JSONDocument {
    guard let last = chunks.last, chunks.count > 1 else { return chunks.first ?? [:] }
    let candidates = chunks.compactMap { $0["candidates"]?[0] }
    var parts: [JSONDocument] = []
    for part in candidates.flatMap({ $0["content"]?["parts"]?.elements ?? [] }) {
      if part == ["text": ""] { continue }
      let isPlain =
        part["text"] != nil && part["thought"] == nil
        && part["thoughtSignature"] == nil
      if isPlain, let previous = parts.last, previous["thought"] == nil,
        let text = previous["text"]?.text
      {
        parts[parts.count - 1] = ["text": .string(text + (part["text"]?.text ?? ""))]
      } else {
        parts.append(part)
      }
    }
    var candidate: JSONDocument = [:]
    if !parts.isEmpty {
      candidate.append("content", ["parts": .array(parts), "role": "model"])
    }
    candidate.append("finishReason", candidates.last?["finishReason"])
    candidate.append("index", 0)
    var document: JSONDocument = ["candidates": [candidate]]
    for name in ["usageMetadata", "modelVersion", "responseId"] {
      document.append(name, last[name])
    }
    return document
  }
}
