import SessionCore
import Testing

extension ConversationArchiveContract {
  /// For archives that keep judgements and notes.
  public static let annotationRules: [Rule] = [
    Rule("A message has one judgement, which can be changed and taken back") { shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      let messages = try await shelf.talk(2)
      let before = try await archive.thread(shelf.thread, of: user)
      for feedback in [
        Feedback(value: .up), Feedback(value: .down, comment: "Faux : '\"é🇫🇷"),
        Feedback(value: .down),
      ] {
        try await archive.setFeedback(
          feedback, on: messages[1].id, in: shelf.thread, of: user)
        #expect(
          try await archive.feedback(in: shelf.thread, of: user) == [messages[1].id: feedback])
      }
      #expect(try await archive.thread(shelf.thread, of: user) == before)
      try await archive.setFeedback(nil, on: messages[1].id, in: shelf.thread, of: user)
      try await archive.setFeedback(nil, on: messages[1].id, in: shelf.thread, of: user)
      #expect(try await archive.feedback(in: shelf.thread, of: user).isEmpty)
    },
    Rule("Threads are listed by their judgements, in the order and the pages of the list") {
      shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      var judged: [Feedback.Value?: [ConversationID]] = [:]
      for (second, value) in ([.up, nil, .down, .up, .down, .up] as [Feedback.Value?]).enumerated()
      {
        let thread = ConversationID.generate()
        judged[value, default: []].insert(thread, at: 0)
        let message = shelf.message("fil", at: Shelf.start + .seconds(second))
        _ = try await archive.append(message, to: thread, of: user)
        try await archive.setFeedback(
          value.map { Feedback(value: $0) }, on: message.id, in: thread, of: user)
      }
      for value in Feedback.Value.allCases {
        for limit in [1, 2, 10] {
          let listed = try await shelf.all(limit: limit) {
            try await archive.threads(of: user, matching: .init(feedback: value), page: $0)
          }
          #expect(listed.map(\.id) == judged[value], "\(value), pages of \(limit)")
        }
      }
      let all = try await archive.threads(of: user, matching: ThreadFilter(), page: .init())
      #expect(all.elements == (try await archive.threads(of: user, page: .init()).elements))
    },
    Rule("A thread keeps its tags and whether it is a favourite, and is found by them") { shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      try await shelf.say(["un"])
      try await shelf.say(["deux"], in: shelf.other)
      #expect(try await archive.notes(on: shelf.thread, of: user) == ThreadNotes())
      let notes = try ThreadNotes(
        tags: ["thèse", "a\"b\\c", "x", "thèse"], isFavourite: true)
      try await archive.setNotes(notes, on: shelf.thread, of: user)
      #expect(try await archive.notes(on: shelf.thread, of: user) == notes)
      #expect(notes.tags == ["thèse", "a\"b\\c", "x"])
      for (filter, expected) in [
        (ThreadFilter(tag: "thèse"), [shelf.thread]),
        (ThreadFilter(tag: "a\"b\\c"), [shelf.thread]),
        (ThreadFilter(tag: "these"), []), (ThreadFilter(tag: "Thèse"), []),
        (ThreadFilter(isFavourite: true), [shelf.thread]),
        (ThreadFilter(isFavourite: false), [shelf.other]),
        (ThreadFilter(isFavourite: true, tag: "y"), []),
      ] {
        let listed = try await archive.threads(of: user, matching: filter, page: .init())
        #expect(listed.elements.map(\.id) == expected, "\(filter)")
      }
      try await archive.setNotes(ThreadNotes(), on: shelf.thread, of: user)
      #expect(try await archive.notes(on: shelf.thread, of: user) == ThreadNotes())
    },
    Rule("A1 Another user's thread can be neither judged nor noted, and shows neither") { shelf in
      let archive = shelf.archive
      let messages = try await shelf.talk(2)
      let stranger = try shelf.user("Bineta")
      try await archive.setFeedback(
        Feedback(value: .up), on: messages[1].id, in: shelf.thread, of: try shelf.user())
      let missing = MessageID.generate()
      for (user, thread, message) in [
        (stranger, shelf.thread, messages[1].id), (try shelf.user(), shelf.thread, missing),
        (try shelf.user(), shelf.other, messages[1].id),
      ] {
        let code = await shelf.code {
          try await archive.setFeedback(
            Feedback(value: .down), on: message, in: thread, of: user)
        }
        #expect(code == .notFound)
      }
      #expect(try await archive.feedback(in: shelf.thread, of: stranger).isEmpty)
      #expect(
        await shelf.code { _ = try await archive.notes(on: shelf.thread, of: stranger) }
          == .notFound)
      #expect(
        await shelf.code {
          try await archive.setNotes(
            ThreadNotes(tags: ["à moi"]), on: shelf.thread, of: stranger)
        } == .notFound)
      let counts = try await archive.delete(shelf.thread, of: try shelf.user())
      #expect(counts.feedbacks == 1)
    },
  ]
}
