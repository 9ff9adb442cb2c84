import SessionCore
import Testing

@testable import MySQLKit

/// What MySQL and TLS do otherwise than the server that the tests run against.
@Suite("Servers differ")
struct ServerDifferenceTests {
  @Test("A5 Rows are the same whose documents say the same, however they are written")
  func documents() {
    let row: ForeignRow = [
      "metadata": .text(#"{"model":"a","count":1,"parts":[1,2.5,null,true]}"#),
      "output": .text("x"),
    ]
    var other = row
    other["metadata"] = .text(#"{"count": 1, "model": "a", "parts": [1, 2.5, null, true]}"#)
    #expect(ForeignColumns.areSame(row, other))
    for different in [
      #"{"model":"b","count":1,"parts":[1,2.5,null,true]}"#, "{}", "no JSON", "",
      #"{"model":"a","count":1,"parts":[2.5,1,null,true]}"#,
    ] {
      other["metadata"] = .text(different)
      #expect(!ForeignColumns.areSame(row, other), "\(different)")
    }
    // A text is no document: a space in it is a part of it.
    #expect(!ForeignColumns.areSame(["output": .text("{}")], ["output": .text("{ }")]))
    #expect(!ForeignColumns.areSame(row, nil))
  }

  @Test("A TLS session that breaks under a statement is a lost connection, which may have acted")
  func brokenTLS() {
    let error = MySQLError(errno: 2026, sqlState: "HY000", message: "", phase: .running)
    #expect(error.code == .connectionLost)
    #expect(error.mayHaveActed)
    let refusal = MySQLError(errno: 2026, sqlState: "HY000", message: "", phase: .connecting)
    #expect(refusal.code == .connectFailed)
  }
}
