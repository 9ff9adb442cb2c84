import SessionCore
import Testing

extension ConversationArchiveContract {
  /// For archives that can be searched.
  public static let searchRules: [Rule] = scriptRules + wordRules

  private static let wordRules: [Rule] = [
    Rule("A3 A search finds words at their beginning, whatever the case and the accents") { shelf in
      let archive = shelf.archive
      try await shelf.say(["L'École de Dakar, où l'été est long", "Que dit l'IA de \"Çà\" ?"])
      for text in ["école", "ECOLE", "ecole", "eco", "dakar été", "ete", "ia", "IA", "ça", "long"] {
        let found = try await archive.search(text, of: try shelf.user(), page: .init())
        #expect(found.elements.map(\.thread.id) == [shelf.thread], "\(text)")
      }
      for text in ["cole", "paris", "école paris", "dakar ia", "ecoles", "été%"] {
        let found = try await archive.search(text, of: try shelf.user(), page: .init())
        #expect(found.elements.isEmpty == (text != "été%"), "\(text)")
      }
    },
    Rule("A3 A letter that stands for two is found as two") { shelf in
      let archive = shelf.archive
      try await shelf.say(["Le cœur de l'Œuvre, ex æquo, Straße"])
      for text in ["coeur", "cœur", "oeuvre", "œuvre", "aequo", "strasse", "straße coeur"] {
        let found = try await archive.search(text, of: try shelf.user(), page: .init())
        #expect(found.elements.map(\.thread.id) == [shelf.thread], "\(text)")
      }
    },
    Rule("A3 Letters of other scripts, and letters written in two parts, are found without marks") {
      shelf in
      let archive = shelf.archive
      try await shelf.say(["e\u{301}cole, tiếng Việt, Αθήνα, ещё, Sørensen, Łódź"])
      for text in ["ecole", "école", "tieng viet", "αθηνα", "еще", "Sørensen", "Łódź"] {
        let found = try await archive.search(text, of: try shelf.user(), page: .init())
        #expect(found.elements.map(\.thread.id) == [shelf.thread], "\(text)")
      }
    },
    Rule("A3 Words that stand far apart in a very long text are found, and none that is not there")
    {
      shelf in
      let archive = shelf.archive
      let filling = String(repeating: "partie ", count: 12_000)
      try await shelf.say(["baobab \(filling) fromager \(filling)"])
      try await shelf.say(["baobab \(filling) acajou"], in: shelf.other)
      for (text, thread) in [
        ("fromager baobab", shelf.thread), ("acajou baobab", shelf.other), ("art", nil),
        ("ie baobab", nil),
      ] {
        let found = try await archive.search(text, of: try shelf.user(), page: .init())
        #expect(found.elements.map(\.thread.id) == (thread.map { [$0] } ?? []), "\(text)")
      }
      let hit = try await archive.search("acajou", of: try shelf.user(), page: .init()).elements[0]
      #expect(hit.snippet.parts.contains { $0.isMatch && $0.text == "acajou" })
    },
    Rule("A3 A word is not lost behind many newer messages in which it is a part of another one") {
      shelf in
      let archive = shelf.archive
      try await shelf.say(["un certain âge"], in: shelf.other)
      try await shelf.say((0..<600).map { "message \($0) de la page" })
      let found = try await archive.search("age", of: try shelf.user(), page: .init())
      #expect(found.elements.map(\.thread.id) == [shelf.other])
    },
    Rule("A3 Words that are very common or short are words too") { shelf in
      let archive = shelf.archive
      try await shelf.say(["to be or not to be, the question"])
      try await shelf.say(["autre chose"], in: shelf.other)
      for text in ["to be", "the", "or", "not the", "question to"] {
        let found = try await archive.search(text, of: try shelf.user(), page: .init())
        #expect(found.elements.map(\.thread.id) == [shelf.thread], "\(text)")
      }
    },
    Rule("A3 Names, questions and answers are searched, and a hit says where it is") { shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      let question = try await shelf.say(["Où pousse le baobab ?"])[0]
      let answer = shelf.message("Le fromager pousse en forêt", role: .assistant)
      _ = try await archive.append(answer, to: shelf.thread, of: user)
      try await archive.rename(shelf.thread, of: user, to: "Arbres d'Afrique")
      for (text, message) in [
        ("baobab", question.id), ("fromager", answer.id), ("afrique", nil),
      ] as [(String, MessageID?)] {
        let found = try await archive.search(text, of: user, page: .init()).elements
        #expect(found.map(\.message) == [message], "\(text)")
        #expect(found.first?.thread.name == "Arbres d'Afrique")
        #expect(found.first?.thread.messageCount == 2)
      }
    },
    Rule("A3 A snippet is one line around the words, which are marked") { shelf in
      let archive = shelf.archive
      let filler = String(repeating: "bla ", count: 500)
      try await shelf.say([filler + "voici\n\n le\tMANGUIER et la mangue " + filler])
      let found = try await archive.search("mangu", of: try shelf.user(), page: .init())
      let snippet = try #require(found.elements.first?.snippet)
      #expect(snippet.parts.filter(\.isMatch).map(\.text) == ["MANGUIER", "mangue"])
      #expect(snippet.text.contains("voici le MANGUIER et la mangue"))
      #expect(snippet.text.hasPrefix("…"))
      #expect(snippet.text.hasSuffix("…"))
      #expect(snippet.text.count < 250)
    },
    Rule("A3 What holds the words more often ranks before what holds them once") { shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      try await shelf.say(["riz riz riz riz", "sel"], in: shelf.other)
      for word in ["mil", "thé", "eau"] { try await shelf.say([word], in: .generate()) }
      try await shelf.say(["riz", "poivre"])
      let found = try await archive.search("riz", of: user, page: .init())
      #expect(found.elements.map(\.thread.id) == [shelf.other, shelf.thread])
    },
    Rule("A3 Hits come page by page, each once") { shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      for number in 0..<7 { try await shelf.say(["mot \(number)"], in: .generate()) }
      for limit in [1, 3, 7, 50] {
        let found = try await shelf.all(limit: limit) {
          try await archive.search("mot", of: user, page: $0)
        }
        #expect(found.count == 7)
        #expect(Set(found.map(\.thread.id)).count == 7)
      }
    },
    Rule("A1 A search finds nothing of another user") { shelf in
      let archive = shelf.archive
      try await shelf.say(["secret"], as: "Awa")
      for name in ["awa", "Bineta"] {
        let found = try await archive.search("secret", of: try shelf.user(name), page: .init())
        #expect(found.elements.isEmpty)
      }
    },
    Rule("A3 What was rewound or deleted is not found") { shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      let said = try await shelf.say(["premier", "second"])
      _ = try await archive.rewind(shelf.thread, of: user, to: said[0].id)
      #expect(try await archive.search("second", of: user, page: .init()).elements.isEmpty)
      _ = try await archive.delete(shelf.thread, of: user)
      #expect(try await archive.search("premier", of: user, page: .init()).elements.isEmpty)
    },
    Rule("A3 A search with no word in it is refused, and marks mean nothing") { shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      try await shelf.say(["C++ et l'index"])
      for text in ["", " ", "+-*()\"@~<>", "%"] {
        let code = await shelf.code {
          _ = try await archive.search(text, of: user, page: .init())
        }
        #expect(code == .refused, "\(text)")
      }
      for text in ["\"index", "+index -et", "(index)", "index*", "@index ~et", "%index_'"] {
        let found = try await archive.search(text, of: user, page: .init())
        #expect(found.elements.isEmpty == (text == "%index_'"), "\(text)")
      }
    },
  ]
}
