import Testing

@testable import TerminalKit

@Suite("Markdown on a terminal")
struct MarkdownTests {
  /// Escape codes as readable marks.
  private func shown(_ pieces: [String], width: Int = 80) -> String {
    var stream = MarkdownStream(width: width)
    var text = pieces.map { stream.feed($0) }.joined() + stream.finish()
    for (code, mark) in [
      (MarkdownStyle.bold, "<b>"), (MarkdownStyle.notBold, "</b>"), (MarkdownStyle.italic, "<i>"),
      (MarkdownStyle.notItalic, "</i>"), (MarkdownStyle.underline, "<u>"),
      (MarkdownStyle.notUnderline, "</u>"), (MarkdownStyle.code, "<c>"),
      (MarkdownStyle.quote, "<q>"), (MarkdownStyle.notColored, "</>"),
      (MarkdownStyle.reset, "</all>"),
    ] {
      text = text.replacing(code, with: mark)
    }
    return text
  }

  @Test(
    "Each mark becomes its style, and what is none stays",
    arguments: [
      ("Bonjour **le monde** !", "Bonjour <b>le monde</b> !"),
      ("*un* et _deux_ et __trois__", "<i>un</i> et <i>deux</i> et <b>trois</b>"),
      ("2 * 3 * 4 et a_b_c", "2 * 3 * 4 et a_b_c"), ("***tout***", "<b><i>tout</b></i>"),
      ("du `code *pur*` ici", "du <c>code *pur*</> ici"), ("## Titre", "<b>Titre</b>"),
      ("#hashtag", "#hashtag"), ("- un\n* deux\n+ trois", "• un\n• deux\n• trois"),
      ("1. un\n2) deux\n1234. non", "1. un\n2) deux\n1234. non"),
      ("> cité", "<q>│ cité</>"), ("a\n---\nb", "a\n\(String(repeating: "─", count: 40))\nb"),
      ("[ici](http://a.fr) et [x] là", "<u>ici</u> (http://a.fr) et [x] là"),
      ("[http://a](http://a)", "<u>http://a</u>"), ("\\*non\\* \\n", "*non* \\n"),
      ("**ouvert\nsuite", "<b>ouvert</b>\nsuite"), ("", ""), ("a\n\n  b", "a\n\n  b"),
      ("```swift\nlet a = **b**\n\n  c\n```\nfin", "<c>  let a = **b**\n\n    c\n</>fin"),
      ("~~~\na\n", "<c>  a\n</all>"), ("| a | b |\n|---|---|", "| a | b |\n|---|---|"),
      ("un \u{1F44D}", "un \u{1F44D}"), ("-", "-"), ("#", "#"), ("a  b", "a b"),
      ("``x``", "<c>x</>"),
    ])
  func marks(text: String, expected: String) {
    #expect(shown([text]) == expected)
  }

  @Test("The result is the same in whatever pieces the text comes")
  func everySplit() {
    let text =
      "# Titre\n\nUn **gras** et [un lien](http://a.fr), `code`.\n- un *deux*\n"
      + "```\nx **y**\n```\nfin"
    let whole = shown([text])
    let characters = Array(text)
    for cut in 0...characters.count {
      #expect(
        shown([String(characters[..<cut]), String(characters[cut...])]) == whole, "cut \(cut)")
    }
    #expect(shown(characters.map(String.init)) == whole)
  }

  @Test("Words are broken to the width, under the text of their list item")
  func wrap() {
    #expect(shown(["un deux trois"], width: 9) == "un deux\ntrois")
    #expect(shown(["- un deux trois"], width: 10) == "• un deux\n  trois")
    #expect(shown(["> un deux"], width: 8) == "<q>│ un\n│ deux</>")
    #expect(shown(["日本 日本"], width: 9) == "日本\n日本")
    #expect(shown(["incompréhensiblement long"], width: 10) == "incompréhensiblement\nlong")
  }

  @Test("What can be shown is shown at once: a word at most is held back")
  func streaming() {
    var stream = MarkdownStream(width: 80)
    #expect(stream.feed("Il éta") == "Il")
    #expect(stream.feed("it une") == " était")
    #expect(stream.feed(" fois") == " une")
    #expect(stream.finish() == " fois")
  }

  @Test("Columns: accents count one, wide characters two, combining marks none")
  func widths() {
    #expect(DisplayWidth.of("été") == 3)
    #expect(DisplayWidth.of("e\u{301}") == 1)
    #expect(DisplayWidth.of("日本") == 4)
    #expect(DisplayWidth.of("👩‍👩‍👧") == 2)
    #expect(DisplayWidth.of("⚠️") == 2)
  }
}
