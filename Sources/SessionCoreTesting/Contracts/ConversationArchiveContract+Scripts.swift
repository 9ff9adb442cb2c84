import SessionCore
import Testing

extension ConversationArchiveContract {
  /// How words of the world's scripts are found.
  static let scriptRules: [Rule] = [
    Rule("A3 Words of scripts without spaces are found anywhere in a run") { shelf in
      let texts = [
        "我喜欢学习编程和猫，也喜欢Swift语言": ["编程", "猫", "我喜欢", "喜欢学习", "swift", "语言 猫"],
        "東京タワーへ行きました。ﾃﾚﾋﾞもある": ["タワー", "東京", "行きました", "テレビ", "ﾀﾜｰ"],
        "오늘서울에서한국어공부를 했어요": ["한국어", "공부", "서울", "했어요"],
        "ฉันรักภาษาไทยและน้ำแข็ง": ["ภาษา", "ไทย", "น้ำแข็ง"],
        "ຂ້ອຍມັກພາສາລາວ": ["ພາສາ", "ລາວ"],
        "ខ្ញុំចូលចិត្តភាសាខ្មែរ": ["ភាសា", "ខ្មែរ"],
      ]
      for (text, words) in texts {
        let thread = ConversationID.generate()
        try await shelf.say([text], in: thread)
        for word in words {
          let found = try await shelf.found(word)
          #expect(found == [thread], "\(word)")
        }
      }
      for word in ["程编", "タワ東", "공한국", "犬"] {
        #expect(try await shelf.found(word) == [], "\(word)")
      }
    },
    Rule("A3 What is found inside a run is marked alone") { shelf in
      try await shelf.say([String(repeating: "我们在这里说话", count: 60) + "喜欢编程很久了"])
      let archive = shelf.archive
      let hit = try await archive.search("编程", of: try shelf.user(), page: .init()).elements.first
      let snippet = try #require(hit?.snippet)
      #expect(snippet.parts.filter(\.isMatch).map(\.text) == ["编程"])
      #expect(snippet.text.count < 250)
    },
    Rule("A3 Marks of Arabic and Hebrew, and forms that their letters have, do not matter") {
      shelf in
      try await shelf.say(["هٰذَا كِتَابٌ جَمِيلٌ عن القــرآن، שָׁלוֹם עוֹלָם"])
      try await shelf.say(["ﻛﺘﺎﺏ جديد بلا حركات"], in: shelf.other)
      #expect(Set(try await shelf.found("كتاب")) == [shelf.thread, shelf.other])
      #expect(Set(try await shelf.found("كِتَاب")) == [shelf.thread, shelf.other])
      for word in ["جميل", "القرآن", "القران", "שלום"] {
        #expect(try await shelf.found(word) == [shelf.thread], "\(word)")
      }
    },
    Rule("A3 Characters without a width are not seen, in a text or in a word to look for") {
      shelf in
      try await shelf.say(["un cho\u{200B}ix, une é\u{AD}cole, ein W\u{2060}ort, نمی\u{200C}خواهم"])
      for word in ["choix", "c\u{200D}hoix", "ecole", "wort", "\u{FEFF}choix", "نمیخواهم"] {
        #expect(try await shelf.found(word) == [shelf.thread], "\(word)")
      }
      #expect(try await shelf.found("ix") == [])
    },
    Rule("A3 Full-width letters, ligatures and other forms of a letter are the letter") { shelf in
      try await shelf.say([
        "ＦＵＬＬ　ｗｉｄｔｈ １２３, ﬁnale, 𝐛𝐨𝐥𝐝 𝓈𝒸𝓇𝒾𝓅𝓉, Ⓒircle, chapitre Ⅻ, m², ḍāl, Ἀθῆναι",
        "e\u{301}te\u{301}, 가방 \u{1100}\u{1161}\u{11BC}, か\u{3099}っこう, \u{2F08}生, \u{F900}",
      ])
      for word in [
        "full", "WIDTH", "123", "finale", "ﬁn", "bold", "script", "circle", "xii", "m2", "dal",
        "αθηναι", "été", "가방", "강", "がっこう", "人生", "\u{8C48}", "ｆｕｌｌ",
      ] {
        #expect(try await shelf.found(word) == [shelf.thread], "\(word)")
      }
    },
    Rule("A3 An emoji alone is found, whatever its colour, and beside words") { shelf in
      try await shelf.say(["Bravo🎉🎉 c'est fini 👍🏽"])
      try await shelf.say(["une fusée 🚀, 👩\u{200D}💻 et ❤️"], in: shelf.other)
      for (word, thread) in [
        ("🎉", shelf.thread), ("👍", shelf.thread), ("👍🏿", shelf.thread), ("bravo 🎉", shelf.thread),
        ("🚀", shelf.other), ("💻", shelf.other), ("❤", shelf.other), ("👩‍💻", shelf.other),
      ] {
        #expect(try await shelf.found(word) == [thread], "\(word)")
      }
      #expect(try await shelf.found("🐱") == [])
      #expect(try await shelf.found("bravo 🚀") == [])
    },
    Rule("A3 Words of Indian scripts count with their vowels") { shelf in
      try await shelf.say(["मुझे हिन्दी पसंद है"])
      #expect(try await shelf.found("हिन्दी") == [shelf.thread])
      #expect(try await shelf.found("हिन्द") == [shelf.thread])
      #expect(try await shelf.found("हन") == [])
    },
    Rule("A3 Every page of a search ends, and all of them tell each thread once") { shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      for number in 0..<12 {
        let thread = ConversationID.generate()
        try await shelf.say(["tambour \(number)", "太鼓\(number)", "🥁", "tambour"], in: thread)
      }
      for word in ["tambour", "太鼓", "🥁"] {
        let found = try await shelf.all(limit: 5) {
          try await archive.search(word, of: user, page: $0)
        }
        #expect(found.count == 12, "\(word)")
        #expect(Set(found.map(\.thread.id)).count == 12, "\(word)")
      }
    },
  ]
}

extension Shelf {
  /// The threads that a search finds, on all of its pages.
  func found(_ text: String) async throws -> [ConversationID] {
    return try await all(limit: 50) {
      try await archive.search(text, of: try user(), page: $0)
    }.map(\.thread.id)
  }
}
