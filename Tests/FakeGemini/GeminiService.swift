import SessionCore

/// Answers requests in the order of checks of the real service: path, key, JSON, fields, model,
/// quota, content.
final class GeminiService: Sendable {
  let state: Locked<GeminiState>
  private let time: any TimeSource

  init(state: GeminiState, time: any TimeSource) {
    self.state = Locked(state)
    self.time = time
  }

  func reply(to request: ReceivedRequest) -> HTTPReply {
    guard let route = Route(request) else { return Refusal.noSuchPath }
    let wrapping: Refusal.Wrapping = route.format == .arrayStream ? .array : .object
    do throws(ServiceRefusal) {
      try checkKey(of: request)
      try checkQuery(of: request, route)
      switch route {
      case .models: return try models(request)
      case .model(let name): return try model(name)
      case .generate(let model, let format): return try generate(request, model, format)
      case .countTokens(let model): return try countTokens(request, model)
      }
    } catch {
      return error.refusal.reply(model: route.modelName ?? "", wrapping: wrapping)
    }
  }

  struct ServiceRefusal: Error {
    let refusal: Refusal
    init(_ kind: Refusal.Kind) { refusal = Refusal(kind) }
    init(_ refusal: Refusal) { self.refusal = refusal }
  }

  // MARK: - What every call needs

  private func checkKey(of request: ReceivedRequest) throws(ServiceRefusal) {
    guard let key = request.header("x-goog-api-key") ?? request.queryValue("key"), !key.isEmpty
    else {
      throw ServiceRefusal(
        request.header("authorization") == nil ? .keyMissing : .unauthenticated)
    }
    guard state.withLock({ $0.keys.contains(key) }) else { throw ServiceRefusal(.keyInvalid) }
  }

  private func checkQuery(of request: ReceivedRequest, _ route: Route) throws(ServiceRefusal) {
    let known = ["key", "alt", "$alt", "prettyPrint", "fields"] + route.queryNames
    let violations = request.query.filter { !known.contains($0.name) }.map { item in
      FieldViolation(
        field: "",
        description: "Invalid JSON payload received. Unknown name \"\(item.name)\": Cannot bind "
          + "query parameter. Field '\(item.name)' could not be found in request message.")
    }
    guard violations.isEmpty else { throw ServiceRefusal(.badRequest(violations)) }
  }

  private func body(
    _ request: ReceivedRequest, as type: MessageType
  ) throws(ServiceRefusal) -> JSONDocument {
    let mediaType = request.header("content-type")?.prefix { $0 != ";" }.lowercased()
    guard mediaType == "application/json" || request.body.isEmpty else {
      throw ServiceRefusal(
        .badRequest([
          FieldViolation(
            field: "",
            description: "Invalid JSON payload received. Unknown name \"\": Cannot bind query "
              + "parameter. Field '' could not be found in request message.")
        ]))
    }
    guard !request.body.isEmpty else { return [:] }
    let json: JSONDocument
    do throws(JSONSyntaxError) {
      json = try JSONDocument(parsing: request.body)
    } catch {
      throw ServiceRefusal(.badRequest([Self.violation(of: error, in: request.body)]))
    }
    var reader = FieldReader()
    let message = reader.read(json, as: type)
    guard reader.violations.isEmpty else { throw ServiceRefusal(.badRequest(reader.violations)) }
    return message
  }

  /// The reason, the text around the place, and a mark under it.
  private static func violation(of error: JSONSyntaxError, in body: [UInt8]) -> FieldViolation {
    let start = max(0, error.offset - 20)
    let end = min(body.count, error.offset + 20)
    let excerpt = String(decoding: body[start..<end], as: UTF8.self).replacing("\n", with: " ")
    let mark = String(repeating: " ", count: error.offset - start) + "^"
    return FieldViolation(
      field: "",
      description: "Invalid JSON payload received. \(error.reason)\n\(excerpt)\n\(mark)")
  }

  private func checkModel(_ model: String) throws(ServiceRefusal) {
    guard state.withLock({ $0.models.contains(model) }) else { throw ServiceRefusal(.notFound) }
  }

  // MARK: - Answers

  private func generate(
    _ request: ReceivedRequest, _ model: String, _ format: AnswerFormat
  ) throws(ServiceRefusal) -> HTTPReply {
    let json = try body(request, as: RequestSchema.generateContent)
    try checkModel(model)
    let now = time.now()
    let (quotaRefusal, scenario, limits) = state.withLock { state in
      let limits = state.limits(of: model)
      if let refusal = state.quota.admit(model, limits: limits, at: now) {
        return (refusal as Refusal?, Scenario.ok, limits)
      }
      return (nil, state.nextScenario(for: model, call: .generate), limits)
    }
    if let quotaRefusal { throw ServiceRefusal(quotaRefusal) }
    if case .refuse(let refusal) = scenario.behaviour { throw ServiceRefusal(refusal) }
    if case .reply(let reply) = scenario.behaviour { return reply }
    try checkContent(json, model: model, limits: limits)

    guard case .answer(let plan) = scenario.behaviour else { return HTTPReply(status: 500) }
    let asked = GeminiRequest(model: model, json: json)
    let (answer, number) = state.withLock { state in
      state.answerCount += 1
      return (state.answer, state.answerCount)
    }
    let chunks = AnswerChunks(
      asked, plan: plan, pieces: answer(asked), version: ModelCatalog.version(of: model),
      number: number)
    let (before, after) = chunks.parts()
    return AnswerBody(plan: plan, format: format, model: model).reply(before: before, after: after)
  }

  private func checkContent(
    _ json: JSONDocument, model: String, limits: ModelLimits
  ) throws(ServiceRefusal) {
    let family = ModelFamily(of: model)
    if let refusal = ContentRules(json, family: family).violation() {
      throw ServiceRefusal(refusal)
    }
    if let refusal = ConfigRules(json, model: model).violation() { throw ServiceRefusal(refusal) }
    let count = TokenCount.ofPrompt(json)
    if count > limits.inputTokenLimit {
      throw ServiceRefusal(.tooManyTokens(count: count, limit: limits.inputTokenLimit))
    }
  }

  private func countTokens(
    _ request: ReceivedRequest, _ model: String
  ) throws(ServiceRefusal) -> HTTPReply {
    let json = try body(request, as: RequestSchema.countTokens)
    try checkModel(model)
    try scripted(.countTokens, model)
    guard json["contents"] == nil || json["generateContentRequest"] == nil else {
      throw ServiceRefusal(
        .invalidArgument("Only one of contents and generate_content_request can be set."))
    }
    let counted = json["generateContentRequest"] ?? json
    if json["generateContentRequest"] != nil, counted["model"]?.text != "models/\(model)" {
      throw ServiceRefusal(
        .invalidArgument(
          "* CountTokensRequest.generate_content_request.model: must be `models/\(model)`.\n"))
    }
    let limits = state.withLock { $0.limits(of: model) }
    try checkContent(counted, model: model, limits: limits)
    let count = JSONDocument.integer(Int64(TokenCount.ofPrompt(counted)))
    return Self.document([
      "totalTokens": count, "cachedContentTokenCount": 0,
      "promptTokensDetails": [["modality": "TEXT", "tokenCount": count]],
    ])
  }

  /// Does what was scripted for a call that knows no answers of its own.
  private func scripted(_ call: GeminiCall, _ model: String?) throws(ServiceRefusal) {
    let scenario = state.withLock { $0.nextScenario(for: model, call: call) }
    if case .refuse(let refusal) = scenario.behaviour { throw ServiceRefusal(refusal) }
  }

  private static func document(_ json: JSONDocument) -> HTTPReply {
    HTTPReply(
      status: 200, headers: ServiceHeaders.lines(contentType: "application/json; charset=UTF-8"),
      body: Array((json.pretty + "\n").utf8))
  }

  // MARK: - Models

  private func models(_ request: ReceivedRequest) throws(ServiceRefusal) -> HTTPReply {
    try scripted(.models, nil)
    let models = state.withLock { $0.models }
    let size = request.queryValue("pageSize").map { Int($0) ?? -1 } ?? 50
    guard size >= 0 else {
      throw ServiceRefusal(.invalidArgument("* ListModelsRequest.page_size: must be positive.\n"))
    }
    let token = request.queryValue("pageToken") ?? ""
    guard let start = token.isEmpty ? 0 : ModelCatalog.offset(ofToken: token), start < models.count
    else { throw ServiceRefusal(.invalidArgument("Invalid page token.")) }
    let end = min(models.count, start + min(size == 0 ? 50 : size, 1000))
    var page: JSONDocument = ["models": .array(models[start..<end].map { ModelCatalog.entry($0) })]
    if end < models.count { page.append("nextPageToken", .string(ModelCatalog.token(offset: end))) }
    return Self.document(page)
  }

  private func model(_ name: String) throws(ServiceRefusal) -> HTTPReply {
    try scripted(.models, name)
    try checkModel(name)
    return Self.document(ModelCatalog.entry(name))
  }
}
