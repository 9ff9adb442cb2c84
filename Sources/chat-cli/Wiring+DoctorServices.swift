import LLMKit
import RedisKit
import SessionCore

/// The examinations of what is asked over HTTP: the services of models, and where turns are traced.
extension Wiring {
  /// Examining waits less than a chat would.
  private static let deadlines = HTTPDeadlines(
    connect: .seconds(5), firstByte: .seconds(10), betweenBytes: .seconds(10), total: .seconds(20))

  func examineModels(_ texts: DoctorTexts, _ settings: Settings) async -> [Finding] {
    guard models.gemini != nil || models.openAI != nil else {
      return [Finding(.model, .notConfigured, texts.noKey)]
    }
    async let gemini = examineGemini(texts, settings)
    async let others = examineOthers(texts, settings)
    return await gemini + others
  }

  private func examineGemini(_ texts: DoctorTexts, _ settings: Settings) async -> [Finding] {
    guard var gemini = models.gemini else { return [] }
    gemini.deadlines = Self.deadlines
    let names = models.models(at: .gemini)
    guard !names.isEmpty else { return [] }
    return await examine(
      names, at: ModelService(baseURL: gemini.baseURL, key: gemini.apiKey), texts,
      checkKey: texts.checkKey, checkAddress: texts.checkNetwork,
      mayHaveNoList: false
    ) { [gemini] in
      // Nobody is told of Gemini's models without a key.
      (try await GeminiResponder.models(gemini).map(\.name), .accepted)
    }
  }

  /// The service that speaks OpenAI's interface, also when none of its models was named.
  private func examineOthers(_ texts: DoctorTexts, _ settings: Settings) async -> [Finding] {
    guard var service = models.openAI else { return [] }
    service.deadlines = Self.deadlines
    return await examine(
      models.models(at: .openai),
      at: ModelService(baseURL: service.baseURL, key: service.apiKey), texts,
      checkKey: texts.checkOtherKey, checkAddress: texts.checkOtherNetwork,
      mayHaveNoList: Self.namesVersion(service.baseURL)
    ) { [service] in
      async let key = keyState(of: service)
      return (try await OpenAIResponder.models(service), await key)
    }
  }

  /// Whether an address ends in the version of an interface: `/v1`, `/v1beta`.
  private static func namesVersion(_ address: String) -> Bool {
    address.contains(/\/v[0-9][^\/]*$/)
  }

  /// What the list of models, once had, says of the key: nothing, when anybody may have it.
  private func keyState(of service: OpenAIConfiguration) async -> KeyState {
    guard service.apiKey != nil else { return .none }
    do {
      var keyless = try OpenAIConfiguration(apiKey: nil, baseURL: service.baseURL)
      keyless.deadlines = service.deadlines
      keyless.certificateAuthorityFile = service.certificateAuthorityFile
      _ = try await OpenAIResponder.models(keyless)
      return .unchecked
    } catch {
      return (error as? ResponderError)?.code == .credentials ? .accepted : .unchecked
    }
  }

  private func examine(
    _ names: [String], at asked: ModelService, _ texts: DoctorTexts, checkKey: String,
    checkAddress: String, mayHaveNoList: Bool, list: () async throws -> ([String], KeyState)
  ) async -> [Finding] {
    let address = asked.baseURL
    do {
      let ((offered, key), time) = try await timed(list)
      let service = Finding(.model, .fine, texts.service(address, time, key))
      let closed = await closedModels(names.map { asked.recordName(of: $0) })
      return [service]
        + names.map { finding($0, offered, closed[asked.recordName(of: $0)], texts) }
    } catch {
      let refusal = error as? ResponderError
      switch refusal?.code {
      case .credentials:
        return [
          Finding(
            .model, .wrong, texts.keyRefused("Service \(address)", "\(error)"), advice: checkKey)
        ]
      // Some servers have no list, and answer all the same.
      case .modelUnavailable where refusal?.httpStatus == 404 && mayHaveNoList,
        .serviceRefused where refusal?.httpStatus == 404 && mayHaveNoList:
        return [Finding(.model, .fine, texts.serviceWithoutList(address))]
      // A status is an answer, be it that of something before the service.
      case .timedOut where refusal?.httpStatus != nil, .quotaExhausted, .overloaded:
        return [
          Finding(
            .model, .wrong, texts.listRefused(address, "\(error)"), advice: texts.tryLater)
        ]
      case .unreachable, .cut, .timedOut:
        return [
          Finding(
            .model, .unreachable, texts.serviceFailed("Service \(address)", "\(error)"),
            advice: checkAddress)
        ]
      default:
        return [
          Finding(.model, .wrong, texts.listRefused(address, "\(error)"), advice: checkAddress)
        ]
      }
    }
  }

  private func finding(
    _ model: String, _ offered: [String], _ closedUntil: Timestamp?, _ texts: DoctorTexts
  ) -> Finding {
    if let closedUntil {
      return Finding(
        .model, .wrong, texts.closed(model, LocalTime(closedUntil).dayAndTime),
        advice: texts.waitOrChange)
    }
    // Ollama lists its models with a tag that nobody has to give.
    let isOffered = [model, "models/\(model)", "\(model):latest"].contains { offered.contains($0) }
    return isOffered
      ? Finding(.model, .fine, texts.model(model))
      : Finding(.model, .wrong, texts.unknownModel(model), advice: texts.chooseModel)
  }

  private func closedModels(_ names: [String]) async -> [String: Timestamp] {
    guard let redis, !names.isEmpty else { return [:] }
    return await RedisModelAvailability(client: redis).closings(of: names)
  }

  func examineTracing(_ texts: DoctorTexts, _ settings: Settings) async -> [Finding] {
    guard let tracer = models.tracer else {
      let keys = [settings.langfusePublicKey?.revealed, settings.langfuseSecretKey?.revealed]
      let missing = zip(["LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY"], keys).filter {
        $0.1 == nil
      }
      guard missing.count == 1 else {
        return [Finding(.tracing, .notConfigured, texts.noTracing)]
      }
      return [
        Finding(
          .tracing, .wrong, texts.halfTracing(missing[0].0), advice: texts.setBothKeys)
      ]
    }
    let host = tracingPlace(settings)
    let (problem, time) = await timed { await tracer.check() }
    let server =
      switch problem?.kind {
      case nil: Finding(.tracing, .fine, texts.tracing(host, time))
      case .unreachable:
        Finding(
          .tracing, .unreachable, texts.serviceFailed(host, problem?.reason ?? ""),
          advice: texts.checkTracingNetwork)
      case .credentials:
        Finding(
          .tracing, .wrong, texts.keyRefused(host, problem?.reason ?? ""),
          advice: texts.checkTracingKeys)
      case .suspended:
        Finding(
          .tracing, .wrong, texts.tracingSuspended(host, problem?.reason ?? ""),
          advice: texts.checkTracingPlan)
      case .refused:
        Finding(
          .tracing, .wrong, texts.tracingRefused(host, problem?.reason ?? ""),
          advice: texts.checkTracingHost)
      }
    return [server, tally(texts)]
  }

  private func tracingPlace(_ settings: Settings) -> String {
    if settings.langfusePublicKey != nil, settings.langfuseSecretKey != nil {
      return "Langfuse \(settings.langfuseHost?.url.revealed ?? TracingConfiguration.langfuseHost)"
    }
    return "OpenTelemetry \(settings.openTelemetry?.address.url.revealed ?? "")"
  }

  private func tally(_ texts: DoctorTexts) -> Finding {
    guard let counts = TracingTally(environment: ProcessFacts.environment())?.total else {
      return Finding(.tracing, .fine, texts.nothingTraced, traced: TracingTally.Counts(at: 0))
    }
    let since = LocalTime(Timestamp(milliseconds: counts.at)).dayAndTime
    return Finding(
      .tracing, .fine, texts.traced(counts, since: since),
      advice: counts.problem.map(texts.lastTracingProblem), traced: counts)
  }
}
