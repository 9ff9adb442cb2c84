import MySQLKit
import TestSupport
import Testing

@Suite("Values", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct MySQLValueTests {
  @Test("of every kind go to the server and back unchanged")
  func roundTrips() async throws {
    let table = """
      CREATE TABLE v (n INT PRIMARY KEY, i BIGINT, u BIGINT UNSIGNED, t TINYINT, d DOUBLE, f FLOAT,
        s LONGTEXT, v VARCHAR(300), b LONGBLOB, at DATETIME(6), ts TIMESTAMP(3) NULL, j JSON)
      """
    let time = MySQLDateTime(
      year: 2026, month: 2, day: 28, hour: 23, minute: 59, second: 59, microsecond: 999_999)
    let rows: [[MySQLValue]] = [
      [
        .integer(.min), .unsigned(.max), .integer(-128), .double(1.5e300), .double(-0.25),
        .text("é e\u{301} 🇫🇷 👩‍👩‍👧 \0 '\"\\;--`\r\n"), .text(""), .bytes([0, 255, 39, 92]),
        .dateTime(time), .dateTime(MySQLDateTime(year: 2001, month: 1, day: 1)), .text("{}"),
      ],
      Array(repeating: .null, count: 11),
      [
        .integer(.max), .unsigned(0), .integer(127), .double(-0.0), .double(0),
        .text(String(repeating: "é", count: 500_000)), .text(String(repeating: "🇫🇷", count: 150)),
        .bytes(Array(repeating: 7, count: 1_000_000)),
        .dateTime(MySQLDateTime(year: 9999, month: 12, day: 31)), .null, .text("[1, \"a\"]"),
      ],
    ]
    try await TestDatabase.with { database in
      try await database.client.execute(table)
      for (index, row) in rows.enumerated() {
        try await database.client.execute(
          "INSERT INTO v VALUES (\(index), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
      }
      let read = try await database.client.query(
        "SELECT i, u, t, d, f, s, v, b, at, ts, j FROM v ORDER BY n")
      #expect(read.columns == ["i", "u", "t", "d", "f", "s", "v", "b", "at", "ts", "j"])
      for (row, expected) in zip(read, rows) {
        #expect(try (0..<11).map { try row.value($0) } == expected)
      }
    }
  }

  @Test("that travel as text come as text")
  func textual() async throws {
    try await TestDatabase.with { database in
      let row = try #require(
        try await database.client.query(
          """
          SELECT CAST('-12345678901234567890.123' AS DECIMAL(30,3)), CAST('2026-02-28' AS DATE),
            CAST('-12:34:56.5' AS TIME(1)), CAST(? AS CHAR(20)), 1 = 1
          """, [.integer(42)]
        ).first)
      #expect(try row.text(0) == "-12345678901234567890.123")
      #expect(try row.text(1) == "2026-02-28")
      #expect(try row.text(2) == "-12:34:56.5")
      #expect(try row.text(3) == "42")
      #expect(try row.integer(4) == 1)
    }
  }

  @Test("come whole around every length at which the server writes the length in another way")
  func lengths() async throws {
    try await TestDatabase.with { database in
      for count in [0, 1, 250, 251, 65_535, 65_536, 16_777_215, 16_777_216] {
        let row = try #require(
          try await database.client.query(
            "SELECT NULL, REPEAT('x', ?), CAST(REPEAT('x', ?) AS BINARY), 'end'",
            [.integer(Int64(count)), .integer(Int64(count))]
          ).first)
        #expect(try row.value(0) == .null)
        let (text, bytes) = (try row.text(1), try row.bytesOrNil(2))
        #expect(text.utf8.count == count && text.utf8.allSatisfy { $0 == UInt8(ascii: "x") })
        #expect(bytes?.count == count && bytes?.allSatisfy { $0 == UInt8(ascii: "x") } == true)
        #expect(try row.text(3) == "end")
      }
    }
  }

  @Test("of another kind than asked for, and columns that are not there, are errors")
  func unexpected() async throws {
    try await TestDatabase.with { database in
      let row = try #require(try await database.client.query("SELECT 'a' AS x, NULL").first)
      #expect(try row.value("x") == .text("a"))
      #expect(throws: MySQLError.self) { try row.integer(0) }
      #expect(throws: MySQLError.self) { try row.text(1) }
      #expect(throws: MySQLError.self) { try row.value(2) }
      #expect(throws: MySQLError.self) { try row.value("y") }
      let error = await #expect(throws: MySQLError.self) {
        try await database.client.query("SELECT ?", [1, 2])
      }
      #expect(error?.code == .unexpectedValue)
    }
  }

  @Test("beyond what the server takes are refused, and the connection lives on")
  func tooLarge() async throws {
    try await TestDatabase.with { database in
      let limit = try await database.client.query("SELECT @@max_allowed_packet")[0].integer(0)
      let text = String(repeating: "x", count: Int(limit))
      let error = await #expect(throws: MySQLError.self) {
        try await database.client.query("SELECT LENGTH(?)", [.text(text)])
      }
      #expect(error?.code == .tooLarge)
      #expect(error?.mayHaveActed == false)
      let fits = String(repeating: "x", count: Int(limit) - 2000)
      let row = try await database.client.query("SELECT LENGTH(?)", [.text(fits)])[0]
      #expect(try row.integer(0) == Int64(fits.utf8.count))
    }
  }
}

@Suite("A date and time")
struct MySQLDateTimeTests {
  @Test("is counted from 1970, leap years included")
  func calendar() {
    let table: [(MySQLDateTime, Int64)] = [
      (MySQLDateTime(year: 1970, month: 1, day: 1), 0),
      (MySQLDateTime(year: 2000, month: 2, day: 29), 951_782_400_000_000),
      (MySQLDateTime(year: 2100, month: 3, day: 1), 4_107_542_400_000_000),
      (
        MySQLDateTime(
          year: 1969, month: 12, day: 31, hour: 23, minute: 59, second: 59, microsecond: 999_999),
        -1
      ),
      (MySQLDateTime(year: 1, month: 1, day: 1), -62_135_596_800_000_000),
    ]
    for (time, microseconds) in table {
      #expect(time.microseconds == microseconds)
      #expect(MySQLDateTime(microseconds: microseconds) == time)
    }
    #expect(MySQLDateTime(microseconds: -62_135_596_800_000_001) == nil)
    #expect(MySQLDateTime(microseconds: .max) == nil)
    #expect(MySQLDateTime(year: 0, month: 0, day: 0).microseconds == nil)
  }

  @Test("comes back from microseconds for every day of four centuries")
  func everyDay() {
    for day in -80_000..<80_000 as Range<Int64> {
      let microseconds = day * 86_400_000_000 + 12_345_678_901
      #expect(MySQLDateTime(microseconds: microseconds)?.microseconds == microseconds)
    }
  }
}
