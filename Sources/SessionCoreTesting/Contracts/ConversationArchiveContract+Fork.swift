import SessionCore
import Testing

extension ConversationArchiveContract {
  static let forkRules: [Rule] = [
    Rule("T9 A fork keeps calls of tools, their results and metadata as they were") { shelf in
      let user = try shelf.user()
      let messages = ToolTalk.messages(at: Shelf.start)
      for message in messages {
        _ = try await shelf.archive.append(message, to: shelf.thread, of: user)
      }
      let copy = try await shelf.archive.fork(
        shelf.thread, of: user, through: messages[3].id, into: shelf.other)
      #expect(copy.messageCount == 4)
      #expect(
        try await shelf.archive.newestMessages(in: shelf.other, of: user, limit: 9)
          == messages.map { $0.copied(into: shelf.other) })
    },
    Rule("A fork holds copies of the messages up to the one named, under ids of their own") {
      shelf in
      let user = try shelf.user()
      let messages = try await shelf.talk(4)
      let summary = try await shelf.archive.fork(
        shelf.thread, of: user, through: messages[2].id, into: shelf.other)
      let copies = messages[...2].map { $0.copied(into: shelf.other) }
      #expect(
        try await shelf.archive.newestMessages(in: shelf.other, of: user, limit: 9) == copies)
      #expect(Set(copies.map(\.id)).isDisjoint(with: messages.map(\.id)))
      #expect(
        summary
          == ThreadSummary(
            id: shelf.other, name: messages[0].content, createdAt: messages[0].createdAt,
            lastActivity: messages[2].createdAt, messageCount: 3))
      #expect(try await shelf.archive.thread(shelf.other, of: user) == summary)
      #expect(
        try await shelf.archive.newestMessages(in: shelf.thread, of: user, limit: 9) == messages)
    },
    Rule("A fork and its origin share nothing: neither sees what the other one does next") {
      shelf in
      let user = try shelf.user()
      let archive = shelf.archive
      let messages = try await shelf.talk(2)
      _ = try await archive.fork(
        shelf.thread, of: user, through: messages[1].id, into: shelf.other)
      let copies = messages.map { $0.copied(into: shelf.other) }
      let (left, right) = (shelf.message("gauche"), shelf.message("droite"))
      #expect(
        try await archive.append(left, to: shelf.thread, of: user).previous == messages[1].id)
      #expect(try await archive.append(right, to: shelf.other, of: user).previous == copies[1].id)
      try await archive.rename(shelf.other, of: user, to: "Variante")
      #expect(try await archive.thread(shelf.thread, of: user).name == messages[0].content)
      _ = try await archive.rewind(shelf.other, of: user, to: copies[0].id)
      #expect(
        try await archive.newestMessages(in: shelf.thread, of: user, limit: 9)
          == messages + [left])
      _ = try await archive.delete(shelf.thread, of: user)
      #expect(
        try await archive.newestMessages(in: shelf.other, of: user, limit: 9) == [copies[0]])
    },
    Rule("T2 A fork that is made again changes nothing, and is returned as it is now") { shelf in
      let user = try shelf.user()
      let messages = try await shelf.talk(3)
      for _ in 1...2 {
        let summary = try await shelf.archive.fork(
          shelf.thread, of: user, through: messages[1].id, into: shelf.other)
        #expect(summary.messageCount == 2)
      }
      _ = try await shelf.archive.append(shelf.message("suite"), to: shelf.other, of: user)
      let again = try await shelf.archive.fork(
        shelf.thread, of: user, through: messages[1].id, into: shelf.other)
      #expect(again.messageCount == 3)
      #expect(try await shelf.archive.threads(of: user, page: .init()).elements.count == 2)
    },
    Rule("A fork into a thread that is something else is refused, whoever owns that") { shelf in
      let user = try shelf.user()
      let messages = try await shelf.talk(2)
      let taken = try await shelf.say(["autre"], in: shelf.other)
      let foreign = ConversationID.generate()
      try await shelf.say(["étranger"], in: foreign, as: "Bineta")
      for copy in [shelf.thread, shelf.other, foreign] {
        let code = await shelf.code {
          _ = try await shelf.archive.fork(
            shelf.thread, of: user, through: messages[1].id, into: copy)
        }
        #expect(code == .idTaken)
      }
      #expect(try await shelf.archive.newestMessages(in: shelf.other, of: user, limit: 9) == taken)
    },
    Rule("A fork at a message that the thread does not hold is refused") { shelf in
      let user = try shelf.user()
      let messages = try await shelf.talk(3)
      let elsewhere = try await shelf.say(["ailleurs"], in: shelf.other)
      _ = try await shelf.archive.rewind(shelf.thread, of: user, to: messages[1].id)
      for id in [MessageID.generate(), elsewhere[0].id, messages[2].id] {
        let code = await shelf.code {
          _ = try await shelf.archive.fork(
            shelf.thread, of: user, through: id, into: .generate())
        }
        #expect(code == .notFound)
      }
      #expect(try await shelf.archive.threads(of: user, page: .init()).elements.count == 2)
    },
    Rule("T2 The answer to a copied question is known as its answer in the fork too") { shelf in
      let user = try shelf.user()
      let question = shelf.message("Oui ?")
      let answer = Message(
        id: question.id.answer, role: .assistant, content: "Non", createdAt: Shelf.start,
        answer: AnswerDetails(state: .complete, model: "m", startedAt: Shelf.start))
      for message in [question, answer] {
        _ = try await shelf.archive.append(message, to: shelf.thread, of: user)
      }
      _ = try await shelf.archive.fork(
        shelf.thread, of: user, through: answer.id, into: shelf.other)
      let copy = try await shelf.archive.message(
        question.id.copied(into: shelf.other).answer, in: shelf.other, of: user)
      #expect(copy?.content == "Non")
      #expect(copy?.answer == answer.answer)
    },
  ]
}
