public import SessionCore

/// Asks one responder after the other until one answers.
///
/// A model that is closed is not asked at all. A refusal costs no waiting as long as another model
/// can be asked; when none can, the user waits for one at most as long as the budget allows. A key
/// that is not accepted, or a service that cannot be reached, leaves out all models of that
/// service. Once text was shown the answer stays with who began it: a failure then is thrown.
///
/// Each link that refused, now or earlier, is told once, as `AnswerPart.fallback`, before the
/// next one says anything. With a ``LocalResponder`` at its end a chain always answers.
public final class FallbackResponder: Responder {
  /// One responder of a chain.
  public struct Link: Sendable {
    /// Names it in notices, in `Prompt.model`, and in the record of closed models.
    public let name: String
    /// Who is asked.
    let responder: any Responder
    /// What is known of the model; nil when the responder is no model of a service.
    let model: ModelDescription?
    /// The local answer, when this is one.
    let local: LocalResponder?

    /// A link that asks a model, under a name that no other link of the chain has.
    public init(name: String, responder: any ModelResponder) {
      self.init(name: name, responder: responder, model: ModelDescription(responder))
    }

    /// A link that asks any responder, under a name that no other link of the chain has.
    public init(name: String, responder: any Responder) {
      self.init(name: name, responder: responder, model: nil)
    }

    /// The local answer: the end of a chain.
    public init(name: String = "local", responder: LocalResponder) {
      self.name = name
      self.responder = responder
      model = nil
      local = responder
    }

    init(name: String, responder: any Responder, model: ModelDescription?) {
      self.name = name
      self.responder = responder
      self.model = model
      local = nil
    }
  }

  private let links: [Link]
  private let record: TimelyAvailability
  private let waitingBudget: Duration
  private let time: any TimeSource
  private let sleep: @Sendable (Duration) async throws -> Void
  private let randomness: @Sendable () -> Double
  /// Models that are not there, or not on this plan: not asked again while the process runs.
  private let unavailable = Locked<[String: ResponderError]>([:])

  /// A chain of responders.
  ///
  /// - Parameters:
  ///   - links: First to last; at least one. The last is best a ``LocalResponder``.
  ///   - availability: Where closed models are remembered, each for its service and key; links
  ///     that are no model, under their names.
  ///   - waitingBudget: How long one turn waits at most, all its waits together.
  ///   - time: What closings are measured with.
  public convenience init(
    _ links: [Link], availability: any ModelAvailability, waitingBudget: Duration = .seconds(2),
    time: any TimeSource = SystemTimeSource()
  ) {
    self.init(
      links, availability: availability, waitingBudget: waitingBudget, time: time,
      sleep: { try await Task.sleep(for: $0) }, randomness: { Double.random(in: 0...1) })
  }

  package init(
    _ links: [Link], availability: any ModelAvailability, waitingBudget: Duration,
    time: any TimeSource, sleep: @escaping @Sendable (Duration) async throws -> Void,
    randomness: @escaping @Sendable () -> Double
  ) {
    precondition(!links.isEmpty, "a chain has at least one link")
    self.links = links
    record = TimelyAvailability(availability, names: Self.recordNames(of: links))
    self.waitingBudget = waitingBudget
    self.time = time
    self.sleep = sleep
    self.randomness = randomness
  }

  private static func recordNames(of links: [Link]) -> [String: String] {
    Dictionary(
      links.compactMap { link in
        link.model.map { (link.name, $0.service.recordName(of: $0.model)) }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Answers `prompt` with the first link that can. The link that `Prompt.model` names is asked
  /// first, and the others, in their order, when it cannot answer.
  ///
  /// - Throws: `ResponderError` when text was shown and the rest failed, when the last link failed
  ///   too, or when no link has the name that the prompt asks for; `CancellationError`; what the
  ///   writer throws.
  public func respond(
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    var prompt = prompt
    var links = links
    if let name = prompt.model {
      guard let place = links.firstIndex(where: { $0.name == name }) else {
        throw ResponderError(
          code: .modelUnavailable, reason: "no model named '\(name)' is configured")
      }
      links.insert(links.remove(at: place), at: 0)
      // From here on each link asks its own model.
      prompt.model = nil
    }
    var walk = Walk(
      links: links, budgetLeft: waitingBudget, refusals: unavailable.withLock { $0 })
    for index in links.indices {
      let link = links[index]
      let refusal: ResponderError
      if walk.isSkipped(link) { continue }
      await lookUp(index, &walk)
      if let known = walk.refusals[link.name] {
        refusal = known
      } else {
        switch try await ask(index, &prompt, &answer, &walk) {
        case .success(let summary): return summary
        case .failure(let error): refusal = error
        }
      }
      walk.lastError = refusal
      if index < links.count - 1 {
        try await answer.write(.fallback(FallbackNotice(from: link.name, error: refusal)))
      }
    }
    throw walk.lastError
      ?? ResponderError(code: .modelUnavailable, reason: "no model can be asked")
  }

  /// What one turn has found out on its way down the chain.
  private struct Walk {
    /// In the order of asking.
    let links: [Link]
    var budgetLeft: Duration
    /// Links that are known to refuse.
    var refusals: [String: ResponderError]
    /// Links whose record was looked up.
    var lookedUp: Set<String> = []
    var skippedServices: Set<ModelService> = []
    var lastError: ResponderError?

    func isSkipped(_ link: Link) -> Bool {
      link.model.map { skippedServices.contains($0.service) } ?? false
    }

    /// Whether a link stands in for all models, so that a model is worth waiting for before it.
    func isLastResort(_ index: Int) -> Bool {
      index == links.count - 1 && links[index].model == nil
    }
  }

  /// Asks one link, more than once if the plan says so. A failure means: go on to the next, with
  /// the tool rounds that are done behind the prompt.
  private func ask<Writer: AnswerWriter>(
    _ index: Int, _ prompt: inout Prompt, _ answer: inout Writer, _ walk: inout Walk
  ) async throws -> Result<ResponseSummary, ResponderError> {
    let link = walk.links[index]
    var statuses: [Int?] = []
    while true {
      var attempt = AttemptWriter(answer) { [record] in await record.reopen(link.name) }
      defer { answer = attempt.base }
      do {
        let responder: any Responder =
          link.local?.recalling(within: walk.budgetLeft) ?? link.responder
        return .success(try await responder.respond(to: prompt, into: &attempt))
      } catch let error as ResponderError {
        if attempt.hasText {
          await remember(error, of: link)
          throw error
        }
        prompt = attempt.continuing(prompt)
        statuses.append(error.httpStatus)
        let isAnotherModelOpen = await isModelOpen(after: index, &walk)
        let facts = FallbackPlan.Facts(
          now: time.now(), failureCount: statuses.count,
          sameStatusCount: statuses.count { $0 == error.httpStatus },
          budgetLeft: walk.budgetLeft, isAnotherModelOpen: isAnotherModelOpen,
          randomness: randomness())
        let step = FallbackPlan.step(after: error, facts)
        if case .retry(let delay) = step {
          walk.budgetLeft -= delay
          if delay > .zero { try await sleep(delay) }
          continue
        }
        if step == .shorten, let shorter = prompt.withHalfTheHistory {
          prompt = shorter
          continue
        }
        await remember(error, of: link)
        if step == .nextService, let service = link.model?.service {
          walk.skippedServices.insert(service)
        }
        return .failure(error)
      }
    }
  }

  private func remember(_ error: ResponderError, of link: Link) async {
    if let moment = error.closesModelUntil { await record.close(link.name, until: moment) }
    if error.code == .modelUnavailable { unavailable.withLock { $0[link.name] = error } }
  }

  /// Finds out whether a link is closed, if the walk does not know yet.
  private func lookUp(_ index: Int, _ walk: inout Walk) async {
    let name = walk.links[index].name
    guard !walk.isLastResort(index), walk.refusals[name] == nil,
      walk.lookedUp.insert(name).inserted
    else { return }
    if let moment = await record.closedModels(among: [name])[name] {
      walk.refusals[name] = .closed(until: moment)
    }
  }

  private func isModelOpen(after index: Int, _ walk: inout Walk) async -> Bool {
    for index in walk.links.indices.dropFirst(index + 1) {
      if walk.isLastResort(index) || walk.isSkipped(walk.links[index]) { continue }
      // No further than needed: who looks a model up is taken for one who is about to ask it.
      await lookUp(index, &walk)
      if walk.refusals[walk.links[index].name] == nil { return true }
    }
    return false
  }
}
