public import SessionCore

extension RandomConversation {
  /// A conversation of whole turns: questions, tool rounds, answers, each with everything that a
  /// message can hold; now and then a round that was interrupted, and an instruction.
  public static func turns(_ random: inout RepeatableRandom) -> [Message] {
    var messages: [Message] = []
    var time = Timestamp(milliseconds: Int64.random(in: 1...1_900_000_000_000, using: &random))
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let question = random.messageID()
      var step: UInt16 = 1
      func add(
        _ role: Role, id: MessageID, calls: [ToolCall] = [], resultOf call: ToolCall? = nil,
        isAnswer: Bool = false
      ) {
        time = time + .milliseconds(Int.random(in: 0...5000, using: &random))
        messages.append(
          Message(
            id: id, role: role, content: words(&random), createdAt: time,
            answer: isAnswer ? details(at: time, &random) : nil, toolCalls: calls, resultOf: call,
            metadata: metadata(&random)))
      }
      if chance(8, &random) { add(.system, id: random.messageID()) }
      add(.user, id: question)
      for round in 0..<[0, 0, 1, 1, 2][Int.random(in: 0..<5, using: &random)] {
        let calls = (0..<Int.random(in: 1...3, using: &random)).map { number in
          ToolCall(
            id: "call-\(messages.count)-\(round)-\(number)", name: "outil_\(number)",
            arguments: JSONValue.object(metadata(&random)).jsonText,
            signature: chance(2, &random) ? "c2ln\(number)" : nil)
        }
        step += 1
        add(.assistant, id: question.step(step), calls: calls, isAnswer: !chance(3, &random))
        var answered = calls.shuffled(using: &random)
        if chance(8, &random) { answered.removeLast() }
        for call in answered {
          step += 1
          add(.tool, id: question.step(step), resultOf: call)
        }
      }
      if !chance(8, &random) { add(.assistant, id: question.answer, isAnswer: true) }
    }
    return messages
  }

  /// True once in `count` times.
  private static func chance(_ count: Int, _ random: inout RepeatableRandom) -> Bool {
    Int.random(in: 0..<count, using: &random) == 0
  }

  private static let pieces = [
    "", "Dakar", "é", "👩🏽‍🌾", "\n", "\"", "\\", "{\"t\":30}", "null", "12", "العربية", "\t", "<b>",
    "’",
    "data: ", "user: ", "\u{7F}", "%s", "'; --",
  ]

  private static func words(_ random: inout RepeatableRandom) -> String {
    (0..<Int.random(in: 0...5, using: &random)).map { _ in
      pieces[Int.random(in: 0..<pieces.count, using: &random)]
    }.joined(separator: " ")
  }

  private static func metadata(_ random: inout RepeatableRandom) -> [String: JSONValue] {
    var fields: [String: JSONValue] = [:]
    for name in ["source", "page", "clé", "deep"] where chance(4, &random) {
      switch Int.random(in: 0..<6, using: &random) {
      case 0: fields[name] = .string(words(&random))
      case 1: fields[name] = .integer(Int64.random(in: -(1 << 50)...(1 << 50), using: &random))
      case 2: fields[name] = .number(Double(Int.random(in: -99...99, using: &random)) / 8)
      case 3: fields[name] = .array([nil, true, .string(words(&random))])
      case 4: fields[name] = .object(["x": .bool(false), "y": nil, "z": [:]])
      default: fields[name] = .null
      }
    }
    return fields
  }

  private static func details(
    at time: Timestamp, _ random: inout RepeatableRandom
  ) -> AnswerDetails {
    func count() -> Int { Int.random(in: 0...9999, using: &random) }
    var details = AnswerDetails(
      state: AnswerState.allCases[Int.random(in: 0..<4, using: &random)],
      startedAt: time + .milliseconds(-count()))
    if !chance(4, &random) { details.model = "gemini-3.5-flash" }
    if !chance(4, &random) {
      details.usage = TokenUsage(
        promptTokenCount: count(), answerTokenCount: count(), thoughtTokenCount: count(),
        totalTokenCount: count(), cachedTokenCount: chance(2, &random) ? count() : nil)
    }
    if !chance(4, &random) { details.finishReason = "STOP" }
    if !chance(4, &random) { details.responseID = "réponse-\(count())" }
    return details
  }
}
