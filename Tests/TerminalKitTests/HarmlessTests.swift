import Testing

@testable import TerminalKit

@Suite("What others wrote, on a terminal")
struct HarmlessTests {
  @Test(
    "Control characters and overrides of the writing direction are made visible",
    arguments: [
      ("a\tb\n\u{1B}[31mc\u{7F}\u{9B}", "a\tb\n�[31mc��"), ("déjà 👩‍👩‍👧", "déjà 👩‍👩‍👧"),
      ("facture\u{202E}fdp.exe", "facture�fdp.exe"), ("\u{2066}a\u{2069}", "�a�"),
      ("\u{202A}\u{202B}\u{202C}\u{202D}\u{2067}\u{2068}", "������"), ("a\u{2028}b", "a�b"),
      // The marks that a text of both directions needs stay.
      ("שלום\u{200F} abc\u{200E}", "שלום\u{200F} abc\u{200E}"), ("a\u{200D}b", "a\u{200D}b"),
    ])
  func harmless(text: String, shown: String) {
    #expect(StandardStreams.harmless(text) == shown)
  }
}
