import SessionCore
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("Identifiers")
struct IdentifierTests {
  @Test("An id is written as the standard library writes it, in small letters, and read back")
  func text() {
    var random = RepeatableRandom(seed: 5)
    for _ in 0..<10_000 {
      let id = random.conversationID()
      let text = id.uuid.uuidString
      #expect(id.description == text.lowercased())
      #expect(ConversationID(text) == id)
      #expect(ConversationID(text.lowercased()) == id)
    }
  }

  @Test("Whatever is not the 36-character form is no id")
  func notAnID() {
    let text = "8e1f7616-1b2a-4c3d-9e8f-0a1b2c3d4e5f"
    #expect(MessageID(text) != nil)
    var wrong = ["", "8e1f7616", text + "0", " " + text, text.replacing("-", with: "")]
    for index in text.indices {
      for other in ["g", "-", "a", "/", ":", "@", "G", "`", "é", "\u{0}"] {
        var changed = text
        changed.replaceSubrange(index...index, with: other)
        if text[index] == "-" ? other != "-" : other != "a" { wrong.append(changed) }
      }
    }
    for text in wrong { #expect(MessageID(text) == nil, "\(text)") }
  }

  @Test("A message's id begins with its time, so ids made one after another stand together")
  func timeFirst() {
    let times = [0, 1, 1_795_390_000_000, 281_474_976_710_655].map(Timestamp.init(milliseconds:))
    let ids = times.map { MessageID.generate(at: $0) }
    #expect(ids == ids.sorted())
    for id in ids {
      let text = Array(id.description)
      #expect(text[14] == "7")
      #expect("89ab".contains(text[19]))
    }
  }

  @Test("T2 The answer's id follows from the question's, and a copy's from its original's")
  func derived() {
    var random = RepeatableRandom(seed: 6)
    let (first, second) = (random.conversationID(), random.conversationID())
    for _ in 0..<1000 {
      let question = MessageID.generate()
      #expect(question.answer != question)
      #expect(question.answer.answer == question)
      let copy = question.copied(into: first)
      #expect(copy == question.copied(into: first))
      #expect(copy != question)
      #expect(copy != question.copied(into: second))
      #expect(copy.answer == question.answer.copied(into: first))
      #expect(Array(copy.description)[14] == "7")
    }
  }
}
