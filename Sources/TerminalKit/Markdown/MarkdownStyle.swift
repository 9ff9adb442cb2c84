/// The escape codes that make Markdown readable on a terminal.
package enum MarkdownStyle {
  package static let bold = "\u{1B}[1m"
  package static let notBold = "\u{1B}[22m"
  static let italic = "\u{1B}[3m"
  static let notItalic = "\u{1B}[23m"
  static let underline = "\u{1B}[4m"
  static let notUnderline = "\u{1B}[24m"
  static let code = "\u{1B}[36m"
  static let quote = "\u{1B}[90m"
  static let notColored = "\u{1B}[39m"
  static let reset = "\u{1B}[0m"
}
