import Glibc
import TestSupport
import Testing

@testable import TerminalKit

@Suite("Typing: keys, text and history")
struct EditorTests {
  private func keys(_ text: String) -> [Key] {
    var decoder = KeyDecoder()
    return decoder.feed(Array(text.utf8))
  }

  /// An editor after some keys, as `before|after`.
  private func edited(_ text: String, history: [String] = []) -> String {
    var editor = LineEditor(history: history)
    for key in keys(text) { _ = editor.take(key) }
    return "\(editor.buffer.before)|\(editor.buffer.after)"
  }

  @Test("Keys are the same in whatever pieces their bytes come")
  func everySplit() {
    let bytes = Array("é👍\u{1B}[A\u{1B}OH\u{1B}[1;5Cx\u{7F}\u{1B}[200~a\r\nb\u{1B}[201~\r".utf8)
    let expected: [Key] = [
      .text("é👍"), .up, .home, .wordRight, .text("x"), .backspace, .paste("a\nb"), .enter,
    ]
    for cut in 0...bytes.count {
      var decoder = KeyDecoder()
      var keys = decoder.feed(bytes[..<cut]) + decoder.feed(bytes[cut...])
      if keys.count > expected.count, case .text(let one) = keys[0], case .text(let two) = keys[1] {
        keys.replaceSubrange(0...1, with: [.text(one + two)])
      }
      #expect(keys == expected, "cut \(cut)")
    }
  }

  @Test("What is no key is left out, and what follows it is read")
  func unknown() {
    #expect(keys("\u{1B}[99~a\u{1B}[?1;2cb\u{00}c") == [.text("abc")])
    var decoder = KeyDecoder()
    #expect(decoder.feed([0xFF, 0xC3, 0x61, 0xE2, 0x82]) == [.text("a")])
    #expect(decoder.feed([0xAC]) == [.text("€")])
  }

  @Test(
    "Control strings of a terminal are read to their end and dropped, in whatever pieces they come",
    arguments: [
      "\u{1B}]11;rgb:1e1e/1e1e/1e1e\u{1B}\\", "\u{1B}]0;titre\u{07}", "\u{1B}P1$r0m\u{1B}\\",
      "\u{1B}_Gi=31;OK\u{1B}\\", "\u{1B}^privé\u{1B}\\", "\u{1B}X début\u{1B}\\",
      "\u{1B}[M !!", "\u{1B}[<0;12;3M", "\u{1B}[?62;22c", "\u{1B}[I",
      "\u{1B}]52;c;" + String(repeating: "QUJD", count: 3000) + "\u{07}",
    ])
  func controlStrings(reply: String) {
    let bytes = Array("a\(reply)b".utf8)
    for cut in bytes.indices where cut < 40 || cut > bytes.count - 4 {
      var decoder = KeyDecoder()
      let keys = decoder.feed(bytes[..<cut]) + decoder.feed(bytes[cut...])
      let text = keys.map { if case .text(let text) = $0 { text } else { "?" } }.joined()
      #expect(text == "ab", "cut \(cut)")
    }
  }

  @Test("A control string that never ends leaves the keys alive")
  func brokenControlString() {
    #expect(keys("\u{1B}]abc\rd") == [.enter, .text("d")])
    #expect(keys("\u{1B}]abc\u{03}d") == [.interrupt, .text("d")])
    #expect(keys("\u{1B}]abc\u{1B}[Ad") == [.up, .text("d")])
  }

  @Test(
    "Keys that terminals tell by their character: Shift-Enter goes on in a new line",
    arguments: [
      ("\u{1B}[13;2u", Key.paste("\n")), ("\u{1B}[27;2;13~", .paste("\n")),
      ("\u{1B}[13;5u", .paste("\n")), ("\u{1B}[13u", .enter), ("\u{1B}[13;1:1u", .enter),
      ("\u{1B}[99;5u", .interrupt), ("\u{1B}[97;5u", .home), ("\u{1B}[98;3u", .wordLeft),
      ("\u{1B}[9u", .tab), ("\u{1B}[127u", .backspace), ("\u{1B}[127;5u", .killWord),
      ("\u{1B}[233u", .text("é")), ("\u{1B}[27;5;119~", .killWord),
    ])
  func modifiedKeys(bytes: String, key: Key) { #expect(keys(bytes) == [key]) }

  @Test("A text that was refused stands at the prompt again, with the cursor behind it")
  func draft() {
    var editor = LineEditor(history: ["un"], text: "deux")
    _ = editor.take(.text("!"))
    #expect(editor.buffer.text == "deux!")
    _ = editor.take(.up)
    _ = editor.take(.down)
    #expect(editor.take(.enter) == .submit("deux!"))
  }

  @Test("A paste of many pieces is one text, and takes no longer than it is long")
  func longPaste() {
    var decoder = KeyDecoder()
    var keys = decoder.feed(Array("\u{1B}[200~".utf8))
    let piece = Array(repeating: UInt8(ascii: "x"), count: 4096)
    for _ in 0..<500 { keys += decoder.feed(piece) }
    keys += decoder.feed(Array("\u{1B}[20".utf8)) + decoder.feed(Array("1~\u{9B}y".utf8))
    #expect(keys.first == .paste(String(repeating: "x", count: 500 * 4096)))
    #expect(keys.count == 2)
  }

  @Test("A pipe, a link or a second name in place of the history is left alone")
  func notPlain() throws {
    let directory = try TemporaryDirectory()
    mkfifo(directory.file("pipe"), 0o600)
    try directory.write("victim\n".utf8, to: "victim")
    symlink(directory.file("victim"), directory.file("link"))
    for name in ["pipe", "link"] {
      let history = History(path: directory.file(name))
      #expect(history.entries == [])
      history.add("x")
    }
    link(directory.file("victim"), directory.file("second"))
    History(path: directory.file("second")).add("x")
    #expect(directory.bytes(of: "victim") == Array("victim\n".utf8))
  }

  @Test("Pasted text keeps its lines and loses what would control the terminal")
  func paste() {
    #expect(keys("\u{1B}[200~a\rb\tc\u{1B}[31m\u{07}\u{1B}[201~") == [.paste("a\nb\tc[31m")])
  }

  @Test(
    "Editing",
    arguments: [
      ("abc", "abc|"), ("abc\u{1B}[D\u{1B}[D", "a|bc"), ("abc\u{01}x", "x|abc"),
      ("abc\u{01}\u{1B}[3~", "|bc"), ("abc\u{02}\u{7F}", "a|c"), ("abc\u{01}\u{05}d", "abcd|"),
      ("un deux\u{17}", "un |"), ("un deux \u{17}trois", "un trois|"),
      ("un deux\u{1B}b", "un |deux"), ("un deux\u{01}\u{1B}f", "un| deux"),
      ("un deux\u{01}\u{1B}d", "| deux"), ("abc\u{02}\u{0B}", "ab|"), ("abc\u{02}\u{15}", "|c"),
      ("e\u{301}x\u{7F}\u{7F}", "|"), ("👩‍👩‍👧\u{1B}[D", "|👩‍👩‍👧"), ("a\u{04}", "a|"),
      ("ab\u{02}\u{04}", "a|"),
      ("un\\\rdeux", "un\ndeux|"),
      ("un\\\rdeux\u{01}x", "un\nxdeux|".replacing("deux|", with: "|deux")),
      ("un\\\rd\u{1B}[A", "u|n\nd"), ("un\\\rdeux\u{1B}[Ax\u{1B}[B", "unx\ndeu|x"),
    ])
  func editing(typed: String, expected: String) {
    #expect(edited(typed) == expected)
  }

  @Test("The arrows go through the history and back to what was being typed")
  func history() {
    let history = ["un", "deux"]
    #expect(edited("\u{1B}[A", history: history) == "deux|")
    #expect(edited("\u{1B}[A\u{1B}[A\u{1B}[A", history: history) == "un|")
    #expect(edited("trois\u{1B}[A\u{1B}[A\u{1B}[B\u{1B}[B", history: history) == "trois|")
  }

  @Test("C4: Ctrl-C drops what was typed, and leaves when nothing was; so does Ctrl-D then")
  func leaving() {
    var editor = LineEditor()
    #expect(editor.take(.text("abc")) == .redraw)
    #expect(editor.take(.interrupt) == .dropped)
    #expect(editor.buffer.isEmpty)
    #expect(editor.take(.interrupt) == .leave)
    #expect(editor.take(.endOfInput) == .endOfInput)
    #expect(editor.take(.enter) == .submit(""))
  }

  @Test("Completion adds what all candidates share, and shows them when that is nothing")
  func completion() {
    var editor = LineEditor()
    _ = editor.take(.text("/re"))
    #expect(editor.complete(with: ["/reprendre", "/resume", "/renomme"]) != [])
    #expect(editor.buffer.text == "/re")
    _ = editor.take(.text("n"))
    #expect(editor.complete(with: ["/renomme"]) == [])
    #expect(editor.buffer.text == "/renomme ")
    #expect(editor.complete(with: []) == [])
    _ = editor.take(.text("8"))
    #expect(editor.complete(with: ["8e1f-a", "8e1f-b"]) == [])
    #expect(editor.buffer.text == "/renomme 8e1f-")
  }

  @Test("A long text is broken at the width of the screen, with the cursor in its place")
  func layout() {
    var buffer = LineBuffer("abcdefgh")
    buffer.left()
    let layout = LineLayout(prompt: "> ", buffer, width: 7, height: 24)
    #expect(layout.rows == ["> abcd", "efgh"])
    #expect(layout.cursorRow == 1 && layout.cursorColumn == 3)
    let wide = LineLayout(prompt: "> ", LineBuffer("a日本"), width: 7, height: 24)
    #expect(wide.rows == ["> a日", "本"])
    let lines = LineLayout(prompt: "> ", LineBuffer("a\nb\tc"), width: 80, height: 24)
    #expect(lines.rows == ["> a", "… b    c"])
    let tall = LineLayout(
      prompt: "> ", LineBuffer((1...20).map { "\($0)\n" }.joined()), width: 80, height: 6)
    #expect(tall.rows.count == 5 && tall.cursorRow == 4)
  }

  @Test("The history file is its owner's alone, survives several lines and bad content")
  func historyFile() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("history")
    let history = History(path: path)
    for text in ["un", "deux\nlignes \\n", "deux\nlignes \\n", "  "] { history.add(text) }
    #expect(History(path: path).entries == ["un", "deux\nlignes \\n"])
    #expect(try directory.permissions(of: "history") == 0o600)
    let bad = "\u{FFFD}\\\n" + (1...2500).map { "\($0)\n" }.joined()
    try directory.write(bad.utf8, to: "history")
    let many = History(path: path)
    #expect(many.entries.count == 1000 && many.entries.last == "2500")
    #expect(History(path: path).entries == many.entries)
    #expect(try directory.permissions(of: "history") == 0o600)
    #expect(History(path: "/nowhere/history").entries == [])
    History(path: "/nowhere/history").add("x")
  }
}
