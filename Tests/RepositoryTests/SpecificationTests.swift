import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `Docs/Specification.md` gives every rule with the tests that carry its number. The rules are
/// written by hand, the tests below them are found in the sources:
/// `UPDATE_SPECIFICATION=1 swift test --filter SpecificationTests` writes them anew.
@Suite("The specification")
struct SpecificationTests {
  private static let path = "Docs/Specification.md"
  private static let rules =
    numbered("P", 9) + numbered("T", 11) + numbered("A", 8) + numbered("R", 6)
    + numbered("C", 7)

  private static func numbered(_ letter: String, _ count: Int) -> [String] {
    (1...count).map { letter + String($0) }
  }

  private let tests: [String: [String]]

  init() throws {
    // The names of tests, suites and rules of contracts that begin with the number of a rule.
    let name = #/(?:@Test|@Suite|Rule)\(\s*"((?:[PTARC][0-9]+[,:]? )+[^"]*)"/#
    var tests: [String: [String]] = [:]
    for file in try SourceTree.files(
      in: ["Tests", "Sources/SessionCoreTesting"], suffix: ".swift")
    {
      for match in file.text.matches(of: name) {
        var words = match.1.split(separator: " ")[...]
        var numbers: [String] = []
        while let word = words.first?.filter({ !$0.isPunctuation }), Self.rules.contains(word) {
          numbers.append(word)
          words.removeFirst()
        }
        let path = file.path.trimmingPrefix("Tests/")
        let line = "- \(words.joined(separator: " ")) (`\(path)`)"
        for number in numbers { tests[number, default: []].append(line) }
      }
    }
    self.tests = tests
  }

  @Test("Every rule has a test that carries its number", arguments: rules)
  func everyRule(number: String) {
    #expect(tests[number, default: []].isEmpty == false)
  }

  @Test("The specification lists every rule, with all its tests and no other")
  func upToDate() throws {
    let written = try SourceTree.text(of: Self.path)
    let expected = upToDate(written)
    if ProcessInfo.processInfo.environment["UPDATE_SPECIFICATION"] == "1" {
      try SourceTree.write(expected, to: Self.path)
      return
    }
    let headings = written.split(separator: "\n").filter { $0.hasPrefix("### ") }
    #expect(headings.map { String($0.dropFirst(4)) } == Self.rules)
    let (old, new) = (written.split(separator: "\n"), expected.split(separator: "\n"))
    #expect(Set(old).subtracting(new) == [], "tests that are gone: set UPDATE_SPECIFICATION=1")
    #expect(Set(new).subtracting(old) == [], "tests that are new: set UPDATE_SPECIFICATION=1")
    #expect(written == expected)
  }

  /// The text with the lists below the rules as they should be.
  private func upToDate(_ text: String) -> String {
    var lines: [String] = []
    var isInList = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("- ") {
        isInList = true
        continue
      }
      if isInList, line.isEmpty { continue }
      isInList = false
      if line.hasPrefix("#"), let number = lastRule(in: lines) { addTests(of: number, to: &lines) }
      lines.append(line)
    }
    if let number = lastRule(in: lines) { addTests(of: number, to: &lines) }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The rule whose section the lines end in.
  private func lastRule(in lines: [String]) -> String? {
    guard let heading = lines.last(where: { $0.hasPrefix("#") }), heading.hasPrefix("### ") else {
      return nil
    }
    return String(heading.dropFirst(4))
  }

  private func addTests(of number: String, to lines: inout [String]) {
    guard let tests = tests[number] else { return }
    while lines.last?.isEmpty == true { lines.removeLast() }
    lines += [""] + tests + [""]
  }
}
