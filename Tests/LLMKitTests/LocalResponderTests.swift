import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("The local answer")
struct LocalResponderTests {
  @Test("R1 It always answers, in its language, says who wrote it, and repeats the question")
  func answers() async throws {
    let long = String(repeating: "pourquoi ", count: 500)
    for (language, words) in [(AnswerLanguage.french, "Aucun modèle"), (.english, "No model")] {
      let responder = LocalResponder(language: language)
      for prompt in [
        GeminiBench.prompt(), GeminiBench.prompt(""), GeminiBench.prompt("Où est\n Dakar ?"),
        GeminiBench.prompt("a", "b", "Où est Dakar ?"), GeminiBench.prompt(long),
      ] {
        let (text, _, result) = await GeminiBench.run(responder, prompt)
        #expect(try result.get().state == .fallback)
        #expect(text.contains(words))
        #expect(text.count < 600)
        #expect(await GeminiBench.run(responder, prompt).text == text)
        if prompt.messages.last?.content.contains("Dakar") == true {
          #expect(text.contains("Où est Dakar ?"))
        }
      }
    }
  }

  @Test("It gives what a model answered earlier to questions of the same words, and nothing else")
  func recalls() async throws {
    let archive = InMemoryArchive()
    let user = try UserID("Awa")
    let answers = Locked<[String: (String, AnswerState)]>([
      "Qui a écrit « Une si longue lettre » ?": ("Mariama Bâ, en 1979.", .complete),
      "Et la lettre de motivation ?": ("Une page suffit.", .complete),
      "Encore la longue lettre ?": ("Aucun modèle : la longue lettre", .fallback),
    ])
    let model = ScriptedResponder { prompt, answer in
      let question = prompt.messages.last?.content ?? ""
      let (text, state) = answers.withLock { $0[question] } ?? ("?", .complete)
      try await answer.write(.text(text))
      return ResponseSummary(state: state)
    }
    let service = ChatService(
      sessions: InMemorySessionStore(), archive: archive, responder: model)
    for question in answers.withLock({ $0.keys.sorted() }) {
      _ = try await service.ask(question, in: .generate(), as: user)
    }
    let local = ChatService(
      sessions: InMemorySessionStore(), archive: archive,
      responder: LocalResponder(
        language: .french, recall: ArchiveRecall(archive: archive)))
    let turn = try await local.ask(
      "Parle-moi de la longue LETTRE de Mariama", in: .generate(), as: user)
    let text = turn.answer.content
    #expect(text.contains("Mariama Bâ, en 1979."))
    #expect(text.contains("« Qui a écrit « Une si longue lettre » ? » :"))
    #expect(text.contains("Une page suffit."), "less fitting, so behind")
    #expect(!text.contains("Aucun modèle : la longue lettre"), "no model wrote that")
    let best = try #require(text.firstRange(of: "Mariama Bâ")).lowerBound
    #expect(best < (try #require(text.firstRange(of: "Une page"))).lowerBound)
    let other = try await local.ask("la lettre", in: .generate(), as: try UserID("Bineta"))
    #expect(!other.answer.content.contains("Une page"), "the memory is of the user who asks")
    let nothing = try await local.ask("Pourquoi ?", in: .generate(), as: user)
    #expect(!nothing.answer.content.contains("échanges précédents"))
  }

  @Test("A chain that has paused leaves its memory what is left of the budget, and half a second")
  func recallWithinBudget() async throws {
    struct Hanging: Recall {
      let gate = Gate()
      func passages(for prompt: Prompt) async -> [RecalledPassage] {
        try? await gate.pass()
        return []
      }
    }
    let local = LocalResponder(
      language: .english, recall: Hanging(), recallDeadline: .seconds(3600))
    #expect(local.recalling(within: .seconds(2)).recallDeadline == .seconds(2))
    #expect(local.recalling(within: .zero).recallDeadline == .milliseconds(500))
    let short = LocalResponder(language: .english, recallDeadline: .milliseconds(20))
    #expect(short.recalling(within: .seconds(2)).recallDeadline == .milliseconds(20))
    let chain = FallbackResponder(
      [.init(name: "local", responder: local)], availability: InMemoryModelAvailability(),
      waitingBudget: .zero)
    #expect(try await GeminiBench.run(chain).result.get().state == .fallback)
  }

  @Test("A memory that hangs is given up after its deadline")
  func slowRecall() async throws {
    struct Hanging: Recall {
      let gate: Gate
      func passages(for prompt: Prompt) async -> [RecalledPassage] {
        try? await gate.pass()
        return [RecalledPassage(source: nil, text: "too late")]
      }
    }
    let responder = LocalResponder(
      language: .english, recall: Hanging(gate: Gate()), recallDeadline: .milliseconds(20))
    let (text, _, result) = await GeminiBench.run(responder)
    #expect(try result.get().state == .fallback)
    #expect(!text.contains("too late"))
  }
}
