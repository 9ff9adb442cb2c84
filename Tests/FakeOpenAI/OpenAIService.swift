import SessionCore

/// Answers requests: path, key, JSON, parameters, model, script.
final class OpenAIService: Sendable {
  struct State: Sendable {
    var keys: Set<String>
    var models: [String]
    var script = Script<String?, OpenAIScenario>()
    var answer: @Sendable (OpenAIRequest) -> [String] = { $0.echo }
    var answerCount = 0
  }

  let state: Locked<State>

  init(keys: Set<String>, models: [String]) {
    state = Locked(State(keys: keys, models: models))
  }

  func reply(to request: ReceivedRequest) -> HTTPReply {
    do throws(OpenAIError) {
      switch request.path {
      case "/v1/chat/completions":
        guard request.method == "POST" else { throw .notAllowed("\(request.method) chat") }
        try checkKey(of: request)
        return try complete(request)
      case "/v1/models":
        guard request.method == "GET" else { throw .notAllowed("\(request.method) models") }
        try checkKey(of: request)
        return models()
      default: throw .unknownPath("\(request.method) \(request.path)")
      }
    } catch {
      return error.reply(model: "")
    }
  }

  private func checkKey(of request: ReceivedRequest) throws(OpenAIError) {
    let keys = state.withLock(\.keys)
    // A local server asks for none.
    if keys.isEmpty { return }
    guard let authorization = request.header("authorization"),
      authorization.hasPrefix("Bearer "), authorization.count > "Bearer ".count
    else { throw .keyMissing }
    guard keys.contains(String(authorization.dropFirst("Bearer ".count))) else {
      throw .keyInvalid
    }
  }

  private func complete(_ request: ReceivedRequest) throws(OpenAIError) -> HTTPReply {
    let mediaType = request.header("content-type")?.prefix { $0 != ";" }.lowercased()
    guard mediaType == "application/json", let json = try? JSONDocument(parsing: request.body)
    else {
      throw .invalid("We could not parse the JSON body of your request.")
    }
    try OpenAIRules(json: json).check()
    let asked = OpenAIRequest(json)
    guard state.withLock({ $0.models.contains(asked.model) }) else {
      return OpenAIError.modelNotFound.reply(model: asked.model)
    }
    let (scenario, answer, number) = state.withLock { state in
      state.answerCount += 1
      return (
        state.script.next(at: [asked.model, nil]) ?? .ok, state.answer, state.answerCount
      )
    }
    switch scenario.behaviour {
    case .refuse(let error): return error.reply(model: asked.model)
    case .reply(let reply): return reply
    case .answer(let plan):
      return OpenAIAnswer(request: asked, plan: plan, pieces: answer(asked), number: number)
        .reply()
    }
  }

  private func models() -> HTTPReply {
    let list = state.withLock(\.models).map { model -> JSONDocument in
      [
        "id": .string(model), "object": "model", "created": 1_795_390_000, "owned_by": "fake",
      ]
    }
    let json: JSONDocument = ["object": "list", "data": .array(list)]
    return HTTPReply(
      status: 200, headers: [HTTPHeader("Content-Type", "application/json")],
      body: Array(json.pretty.utf8))
  }
}
