import Foundation
import SessionCore
import TestSupport
import Testing

@Suite("Conversations in the forms of others", .timeLimit(.minutes(5)))
struct TranscriptTests {
  private static let seeds: Range<UInt64> = 0..<10_000

  private static func conversation(_ seed: UInt64) -> [Message] {
    var random = RepeatableRandom(seed: seed)
    // Every fourth one holds all that can be wrong with one.
    return seed.isMultiple(of: 4)
      ? RandomConversation.history(&random) : RandomConversation.turns(&random)
  }

  private func throughJSON<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  @Test("Ten thousand random conversations with tools come back equal from OpenAI's form as JSON")
  func openAI() throws {
    for seed in Self.seeds {
      let messages = Self.conversation(seed)
      let read = try throughJSON(messages.map { OpenAIMessage($0) })
      let back = try Message.messages(read)
      #expect(back == messages, "seed \(seed)")
      if back != messages { return }
    }
  }

  @Test("Ten thousand random conversations with tools come back equal from a transcript as JSON")
  func transcript() throws {
    for seed in Self.seeds {
      let messages = Self.conversation(seed)
      let back = try throughJSON(Transcript(messages)).messages()
      #expect(back == messages, "seed \(seed)")
      if back != messages { return }
    }
  }

  @Test("T9 They come back equal through the archive, a page-in, an export and an import")
  func archive() async throws {
    let user = try UserID("Awa")
    let archive: any CompleteArchive = InMemoryArchive()
    let store = InMemorySessionStore()
    var conversations: [(id: ConversationID, messages: [Message])] = []
    for seed in Self.seeds {
      var random = RepeatableRandom(seed: seed &+ 1 << 32)
      let id = random.conversationID()
      let messages = RandomConversation.turns(&random)
      conversations.append((id, messages))
      for message in messages { _ = try await archive.append(message, to: id, of: user) }
      let newest = try await archive.newestMessages(in: id, of: user, limit: 200)
      _ = try await store.pageIn(
        id, in: .shared, messages: newest, messageCount: newest.count)
      let warm = try await store.open(id, in: .shared).value?.messages
      #expect(warm == messages, "seed \(seed)")
      if warm != messages { return }
    }
    let copy: any CompleteArchive = InMemoryArchive()
    var intake = ArchiveImport(into: copy, of: user)
    let lines = Locked<[Data]>([])
    try await archive.export(of: user) { record in
      let line = try record.line()
      lines.withLock { $0.append(line) }
    }
    for line in lines.withLock({ $0 }) { try await intake.add(Array(line) + [UInt8(ascii: "\n")]) }
    _ = try await intake.finish()
    for (id, messages) in conversations {
      let back = try await copy.newestMessages(in: id, of: user, limit: 200)
      #expect(back == messages, "\(id)")
      if back != messages { return }
    }
  }

  @Test("Without details the words, the calls and what answers what come back from both forms")
  func plain() throws {
    for seed in UInt64(0)..<200 {
      var random = RepeatableRandom(seed: seed)
      let messages = RandomConversation.turns(&random)
      let forms = [
        try Message.messages(
          throughJSON(messages.map { OpenAIMessage($0, keepingDetails: false) })),
        try throughJSON(Transcript(messages, keepingDetails: false)).messages(),
      ]
      let lines = messages.filter { !($0.role == .assistant && !$0.toolCalls.isEmpty) }
      for form in forms {
        #expect(form.allSatisfy { $0.metadata.isEmpty && $0.answer == nil })
        let others = form.filter { !($0.role == .assistant && !$0.toolCalls.isEmpty) }
        // A transcript has what is said and what is called in two entries.
        let said = lines.map(\.content) + messages.filter { !$0.toolCalls.isEmpty }.map(\.content)
        #expect(
          Set(others.map(\.content) + form.map(\.content)).subtracting(said).subtracting([""])
            == [], "seed \(seed)")
        #expect(
          form.flatMap(\.toolCalls).map(\.description)
            == messages.flatMap(\.toolCalls).map(\.description), "seed \(seed)")
        #expect(
          form.compactMap(\.resultOf).map(\.description)
            == messages.compactMap(\.resultOf).map(\.description), "seed \(seed)")
      }
    }
  }

  @Test("What other programs write in OpenAI's form is read, and a turn gets the ids of a turn")
  func foreignOpenAI() throws {
    let json = #"""
      [{"role":"developer","content":"Sois bref."},
       {"role":"user","name":"awa","content":[{"type":"text","text":"Quel "},
         {"type":"text","text":"temps ?"},{"type":"image_url","image_url":{"url":"x"}}]},
       {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
         "function":{"name":"météo","arguments":"{\"v\":1}"},
         "extra_content":{"google":{"thought_signature":"c2ln"}}}]},
       {"role":"tool","tool_call_id":"c1","content":"30 °C"},
       {"role":"assistant","content":"Chaud.","audio":null,"annotations":[]},
       {"role":"assistant","refusal":"Non."}]
      """#
    let read = try JSONDecoder().decode([OpenAIMessage].self, from: Data(json.utf8))
    #expect(read[1].otherParts.count == 1)
    #expect(try throughJSON(read) == read)
    let time = Timestamp(milliseconds: 5)
    let messages = try Message.messages(read, at: time)
    let call = ToolCall(id: "c1", name: "météo", arguments: #"{"v":1}"#, signature: "c2ln")
    #expect(messages.map(\.role) == [.system, .user, .assistant, .tool, .assistant, .assistant])
    #expect(
      messages.map(\.content) == ["Sois bref.", "Quel temps ?", "", "30 °C", "Chaud.", "Non."])
    #expect(messages[2].toolCalls == [call])
    #expect(messages[3].resultOf == call)
    #expect(messages[4].id == messages[1].id.answer)
    #expect(Set(messages.map(\.id)).count == 6)
    #expect(messages.allSatisfy { $0.createdAt == time })
    #expect(throws: UnknownRole(role: "critic")) {
      try Message.messages([OpenAIMessage(role: "critic", content: "Bof.")])
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(OpenAIMessage.self, from: Data(#"{"role":"user","content":3}"#.utf8))
    }
  }

  @Test("Without details OpenAI's form has nothing in it that OpenAI does not know")
  func strictOpenAI() throws {
    let call = ToolCall(id: "c1", name: "outil", arguments: "{}", signature: "c2ln")
    let message = Message(
      id: .generate(), role: .assistant, content: "", createdAt: .now(), toolCalls: [call])
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = try encoder.encode(OpenAIMessage(message, keepingDetails: false))
    #expect(
      String(decoding: json, as: UTF8.self)
        == #"{"content":null,"role":"assistant","tool_calls":[{"function":{"arguments":"{}","#
        + #""name":"outil"},"id":"c1","type":"function"}]}"#)
  }

  @Test("A transcript of Apple's framework is read, and ours has its fields")
  func foreignTranscript() throws {
    let json = #"""
      {"type":"FoundationModels.Transcript","version":"1.1","transcript":{"entries":[
        {"id":"A","role":"instructions","tools":[{"type":"function","function":{"name":"météo"}}],
         "contents":[{"type":"text","text":"Sois bref.","id":"1"}]},
        {"id":"B","role":"user","options":{"temperature":0.5},
         "contents":[{"type":"text","text":"Quel temps ?","id":"2"}]},
        {"id":"C","role":"response","assets":[],
         "toolCalls":[{"id":"c1","name":"météo","arguments":"{\"v\":1}"}]},
        {"id":"D","role":"tool","toolName":"météo","toolCallID":"c1",
         "contents":[{"type":"structure","id":"3","structure":{"source":"T","content":{"t":30}}}]},
        {"id":"E","role":"response","assets":["m"],
         "contents":[{"type":"text","text":"Il fait ","id":"4"},
                     {"type":"text","text":"chaud.","id":"5"}]}]}}
      """#
    let transcript = try JSONDecoder().decode(Transcript.self, from: Data(json.utf8))
    #expect(transcript.entries.map(\.id) == ["A", "B", "C", "D", "E"])
    let messages = transcript.messages()
    let call = ToolCall(id: "c1", name: "météo", arguments: #"{"v":1}"#)
    #expect(messages.map(\.role) == [.system, .user, .assistant, .tool, .assistant])
    #expect(
      messages.map(\.content) == ["Sois bref.", "Quel temps ?", "", #"{"t":30}"#, "Il fait chaud."])
    #expect(messages[2].toolCalls == [call])
    #expect(messages[3].resultOf == call)
    #expect(messages[4].id == messages[1].id.answer)
    #expect(
      transcript.description
        == "instructions: Sois bref.\nprompt: Quel temps ?\ntool calls: météo\n"
        + "météo → {\"t\":30}\nresponse: Il fait chaud.")
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(
        Transcript.self,
        from: Data(#"{"type":"Other","version":1,"transcript":{"entries":[]}}"#.utf8))
    }
  }
}
