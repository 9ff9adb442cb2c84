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
    let names = settings.models.filter(ModelServices.isGemini)
    guard !names.isEmpty else { return [] }
    return await examine(
      names, at: gemini.baseURL, isKeyed: true, texts, checkKey: texts.checkKey,
      checkNetwork: texts.checkNetwork
    ) { [gemini] in
      try await GeminiResponder.models(gemini).map(\.name)
    }
  }

  /// The service that speaks OpenAI's interface, also when none of its models was named.
  private func examineOthers(_ texts: DoctorTexts, _ settings: Settings) async -> [Finding] {
    guard var service = models.openAI else { return [] }
    service.deadlines = Self.deadlines
    return await examine(
      settings.models.filter { !ModelServices.isGemini($0) }, at: service.baseURL,
      isKeyed: service.apiKey != nil, texts, checkKey: texts.checkOtherKey,
      checkNetwork: texts.checkOtherNetwork
    ) { [service] in
      try await OpenAIResponder.models(service)
    }
  }

  private func examine(
    _ names: [String], at address: String, isKeyed: Bool, _ texts: DoctorTexts, checkKey: String,
    checkNetwork: String, list: () async throws -> [String]
  ) async -> [Finding] {
    do {
      let (offered, time) = try await timed(list)
      let service = Finding(.model, .fine, texts.service(address, time, isKeyed: isKeyed))
      let closed = await closedModels(names)
      return [service] + names.map { finding($0, offered, closed[$0], texts) }
    } catch {
      switch (error as? ResponderError)?.code {
      case .credentials:
        return [
          Finding(
            .model, .wrong, texts.keyRefused("Service \(address)", "\(error)"), advice: checkKey)
        ]
      // Some servers have no list, and answer all the same.
      case .modelUnavailable:
        return [Finding(.model, .fine, texts.serviceWithoutList(address))]
      default:
        return [
          Finding(
            .model, .unreachable, texts.serviceFailed("Service \(address)", "\(error)"),
            advice: checkNetwork)
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
    return await RedisModelAvailability(client: redis).closedModels(among: names)
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
    let host = settings.langfuseHost?.url.revealed ?? TracingConfiguration.langfuseHost
    let (problem, time) = await timed { await tracer.check() }
    let server =
      switch problem?.kind {
      case nil: Finding(.tracing, .fine, texts.tracing(host, time))
      case .unreachable:
        Finding(
          .tracing, .unreachable, texts.serviceFailed("Langfuse \(host)", problem?.reason ?? ""),
          advice: texts.checkTracingNetwork)
      case .credentials:
        Finding(
          .tracing, .wrong, texts.keyRefused("Langfuse \(host)", problem?.reason ?? ""),
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
