/// Puts an answer with status 200 together.
struct OpenAIAnswer {
  let request: OpenAIRequest
  let plan: OpenAIPlan
  let pieces: [String]
  let number: Int

  func reply() -> HTTPReply {
    let isStream = request.json["stream"]?.truth == true
    var reply = HTTPReply(
      status: 200,
      headers: [
        HTTPHeader(
          "Content-Type", isStream ? "text/event-stream; charset=utf-8" : "application/json"),
        HTTPHeader("x-request-id", "req_\(number)"),
      ],
      chunks: plan.splitting.applied(to: isStream ? stream() : single()))
    if plan.holdsBeforeHead { reply.prelude = [.hold(for: plan.holdDuration)] }
    return reply
  }

  // MARK: - Stream

  private func stream() -> [HTTPReply.Step] {
    var steps = [event(choice(["role": "assistant", "content": "", "refusal": nil]))]
    if plan.hasReasoning {
      steps.append(event(choice(["reasoning_content": "The user greets me."])))
    }
    let calls = OpenAICalls(request, count: plan.callCount, rounds: plan.roundCount)
    var deltas =
      calls?.deltas.map { event(choice($0)) }
      ?? pieces.map { event(choice(["content": .string($0)])) }
    let splitAt = min(plan.pieceCountBefore, deltas.count)
    if plan.hasEmptyDeltas {
      deltas.insert(contentsOf: emptyDeltas, at: splitAt)
    }
    steps += deltas[..<splitAt]
    var finish = calls == nil ? plan.finishReason : "tool_calls"
    switch plan.middle {
    case .hold: steps.append(.hold(for: plan.holdDuration))
    case .end: return steps
    case .cut: return steps + [.cut]
    case .reset: return steps + [.reset]
    case .error(let error):
      return steps + [line(["error": error.json(model: request.model)])]
    case .finish(let reason):
      finish = reason
      deltas.removeSubrange(splitAt...)
    case nil: break
    }
    steps += deltas[splitAt...]
    steps.append(event(choice([:], finish: finish)))
    if wantsUsage { steps.append(event([], usage: usage)) }
    if plan.endsWithDone { steps.append(data("[DONE]")) }
    return steps
  }

  private var emptyDeltas: [HTTPReply.Step] {
    [event(choice(["content": nil])), event(choice([:])), event([])]
  }

  private var wantsUsage: Bool {
    request.json["stream_options"]?["include_usage"]?.truth == true
  }

  private func choice(_ delta: JSONDocument, finish: String? = nil) -> [JSONDocument] {
    [
      [
        "index": 0, "delta": delta, "logprobs": nil,
        "finish_reason": finish.map { .string($0) } ?? .null,
      ]
    ]
  }

  private func event(_ choices: [JSONDocument], usage: JSONDocument? = nil) -> HTTPReply.Step {
    var json = head("chat.completion.chunk")
    json.append("choices", .array(choices))
    if wantsUsage { json.append("usage", usage ?? .null) }
    return line(json)
  }

  private func line(_ json: JSONDocument) -> HTTPReply.Step { data(json.compact) }

  private func data(_ text: String) -> HTTPReply.Step {
    let comment = plan.hasComments ? ": PROCESSING\(plan.lineEnd)\(plan.lineEnd)" : ""
    return .send(Array("\(comment)data: \(text)\(plan.lineEnd)\(plan.lineEnd)".utf8))
  }

  // MARK: - One document

  private func single() -> [HTTPReply.Step] {
    if case .error(let error) = plan.middle {
      return [
        .send(
          Array(
            JSONDocument.object([JSONMember("error", error.json(model: request.model))])
              .compact.utf8))
      ]
    }
    var message: JSONDocument = ["role": "assistant"]
    var finish = plan.finishReason
    if let calls = OpenAICalls(request, count: plan.callCount, rounds: plan.roundCount) {
      message.append("content", .null)
      message.append("tool_calls", .array(calls.whole))
      finish = "tool_calls"
    } else {
      message.append("content", .string(pieces.joined()))
    }
    if case .finish(let reason) = plan.middle { finish = reason }
    var json = head("chat.completion")
    json.append(
      "choices",
      [
        [
          "index": 0, "message": message, "logprobs": nil, "finish_reason": .string(finish),
        ]
      ])
    json.append("usage", usage)
    let bytes = Array(json.compact.utf8)
    let (first, second) = (bytes[..<(bytes.count / 2)], bytes[(bytes.count / 2)...])
    switch plan.middle {
    case .hold:
      return [.send(Array(first)), .hold(for: plan.holdDuration), .send(Array(second))]
    case .end: return [.send(Array(first))]
    case .cut: return [.send(Array(first)), .cut]
    case .reset: return [.send(Array(first)), .reset]
    default: return [.send(bytes)]
    }
  }

  private func head(_ object: String) -> JSONDocument {
    [
      "id": .string("chatcmpl-fake\(number)"), "object": .string(object),
      "created": 1_795_390_000, "model": .string(request.model), "system_fingerprint": "fp_fake",
    ]
  }

  private var usage: JSONDocument {
    let prompt = request.turns.reduce(0) { $0 + Self.tokens($1.text) }
    let completion = pieces.reduce(0) { $0 + Self.tokens($1) }
    return [
      "prompt_tokens": .integer(Int64(prompt)), "completion_tokens": .integer(Int64(completion)),
      "total_tokens": .integer(Int64(prompt + completion)),
      "prompt_tokens_details": ["cached_tokens": 0],
      "completion_tokens_details": ["reasoning_tokens": 0],
    ]
  }

  private static func tokens(_ text: String) -> Int { (text.unicodeScalars.count + 3) / 4 }
}

/// Calls of the first tool, unless there were as many rounds of calls as there should be since the
/// user last spoke.
struct OpenAICalls {
  private let name: String
  private let arguments: String
  private let ids: [String]

  init?(_ request: OpenAIRequest, count: Int, rounds: Int) {
    let question = request.turns.lastIndex { $0.role == "user" } ?? 0
    let called = (request.json["messages"]?.elements ?? []).dropFirst(question + 1).count {
      $0["tool_calls"] != nil
    }
    guard count > 0, let function = request.json["tools"]?[0]?["function"],
      let name = function["name"]?.text, called < rounds
    else { return nil }
    self.name = name
    let properties = function["parameters"]?["properties"]?.members ?? []
    arguments =
      JSONDocument.object(
        properties.map { JSONMember($0.name, .string(request.lastUserText)) }
      ).compact
    ids = (1...count).map { "call_\(request.turns.count)_\($0)" }
  }

  var whole: [JSONDocument] {
    ids.map { id in
      [
        "id": .string(id), "type": "function",
        "function": ["name": .string(name), "arguments": .string(arguments)],
      ]
    }
  }

  /// First the names, then the arguments in two fragments each; those of several calls alternate.
  var deltas: [JSONDocument] {
    let middle = arguments.index(arguments.startIndex, offsetBy: arguments.count / 2)
    let heads = ids.enumerated().map { index, id -> JSONDocument in
      [
        "index": .integer(Int64(index)), "id": .string(id), "type": "function",
        "function": ["name": .string(name), "arguments": ""],
      ]
    }
    let fragments = [arguments[..<middle], arguments[middle...]].flatMap { fragment in
      ids.indices.map { index -> JSONDocument in
        [
          "index": .integer(Int64(index)),
          "function": ["arguments": .string(String(fragment))],
        ]
      }
    }
    return (heads + fragments).map { ["tool_calls": [$0]] }
  }
}
