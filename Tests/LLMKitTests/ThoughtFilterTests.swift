import Testing

@testable import LLMKit

@Suite("Thoughts at the beginning of a text")
struct ThoughtFilterTests {
  @Test(
    "They are no text, in any split, and what is in the middle of an answer is",
    arguments: [
      ("<think>hm\n</think>\n\nBonjour", "Bonjour"), ("\n<think>\n\n</think>\n\nA <b>", "A <b>"),
      ("<thinking>a</thinking>b", "b"), ("<thought>a</thought> b", "b"),
      ("[THINK]a[/THINK]b", "b"), ("<think>a</think><think>b</think>c", "c"),
      ("<think>never closed", ""), ("<think></think>", ""), ("<thin", "<thin"),
      ("<thinner> is a word", "<thinner> is a word"), ("  plain", "  plain"), ("<", "<"),
      ("A <think>b</think>", "A <think>b</think>"), ("[THE", "[THE"), (" ", " "),
      ("<think>a</thin></think>b", "b"), ("<think>é</think>🇫🇷", "🇫🇷"),
    ])
  func everySplit(stream: String, text: String) {
    let characters = Array(stream)
    for first in 0...characters.count {
      for second in first...characters.count {
        var filter = ThoughtFilter()
        var shown = filter.text(of: String(characters[..<first]))
        shown += filter.text(of: String(characters[first..<second]))
        shown += filter.text(of: String(characters[second...]))
        shown += filter.end()
        #expect(shown == text, "\(first), \(second)")
      }
    }
  }
}
