import Foundation
import MySQLKit
import TestSupport
import Testing

@Suite("A row", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct MySQLRowTests {
  private enum State: String, Decodable, MySQLValueConvertible { case open, paid }
  private enum Level: Int, Decodable {
    case low = 1
    case high
  }
  private struct Address: Decodable, Equatable {
    let city: String
    let lines: [String]
  }
  private struct Order: Decodable {
    let id: Int
    let name: String
    let note: String?
    let missing: Int?
    let state: State
    let level: Level
    let price: Decimal
    let exact: MySQLDecimal
    let day: MySQLDate
    let at: Date
    let took: MySQLTime
    let isOpen: Bool
    let flags: UInt8
    let key: UUID
    let rawKey: UUID
    let content: Data
    let address: Address
    let tags: [String]
  }

  private static let select = """
    SELECT 7 AS id, 'é🇫🇷' AS name, NULL AS note, 'paid' AS state, 2 AS level,
      CAST('12.50' AS DECIMAL(10, 2)) AS price, CAST('-0.000000000000000001' AS DECIMAL(30, 18)) AS exact,
      CAST('2026-02-28' AS DATE) AS day, CAST('2026-02-28 23:59:59.5' AS DATETIME(6)) AS at,
      CAST('-12:34:56.5' AS TIME(1)) AS took, TRUE AS isOpen, b'101' + 0 AS flags,
      '0197a0aa-1111-7222-8333-444455556666' AS `key`,
      UNHEX('0197a0aa111172228333444455556666') AS rawKey, CAST('abc' AS BINARY) AS content,
      '{"city":"Dakar","lines":["a","b"]}' AS address, '["x"]' AS tags
    """

  @Test("decodes into a type with properties of every kind")
  func decodable() async throws {
    try await TestDatabase.with { database in
      let order = try await database.client.query(Self.select).decode(Order.self)[0]
      #expect(order.id == 7 && order.name == "é🇫🇷" && order.note == nil && order.missing == nil)
      #expect(order.state == .paid && order.level == .high)
      #expect(order.price == Decimal(string: "12.5"))
      #expect(order.exact == MySQLDecimal("-0.000000000000000001"))
      #expect(order.day == MySQLDate(year: 2026, month: 2, day: 28))
      #expect(order.at == Date(timeIntervalSince1970: 1_772_323_199.5))
      #expect(order.took == MySQLTime("-12:34:56.5"))
      #expect(order.isOpen && order.flags == 5)
      #expect(order.key == order.rawKey)
      #expect(order.content == Data("abc".utf8))
      #expect(order.address == Address(city: "Dakar", lines: ["a", "b"]))
      #expect(order.tags == ["x"])
    }
  }

  @Test("decodes by name and by place, NULL as nil of an optional")
  func places() async throws {
    try await TestDatabase.with { database in
      let row = try await database.client.query("SELECT 1 AS a, 'x' AS b, NULL AS c, 2 AS a")[0]
      #expect(try row["a", as: Int.self] == 1)
      #expect(try row["c", as: String?.self] == nil)
      #expect(try row[3, as: UInt8?.self] == 2)
      let (a, b, c, d) = try row.decode((Int, String, Double?, Int64).self)
      #expect(a == 1 && b == "x" && c == nil && d == 2)
      #expect(try row.decode((Int, String).self) == (1, "x"))
      #expect(try row.decode(Int.self) == 1)
      #expect(try row["b", as: MySQLValue.self] == .text("x"))
      let pairs = try await database.client.query("SELECT 1, 'x' UNION SELECT 2, NULL")
        .decode((Int, String?).self)
      #expect(pairs.map(\.0) == [1, 2] && pairs.map(\.1) == ["x", nil])
    }
  }

  @Test("tells of a value that is none of a type: the column, both types, and not the value")
  func mismatches() async throws {
    struct OneColumn<Value: Decodable>: Decodable { let secret: Value }
    try await TestDatabase.with { database in
      func reason(_ sql: String, _ read: (MySQLRow) throws -> Void) async throws -> String {
        let row = try await database.client.query("SELECT \(sql) AS secret")[0]
        let error = #expect(throws: MySQLError.self) { try read(row) }
        #expect(error?.code == .unexpectedValue)
        let text = "\(try #require(error))"
        #expect(!text.contains("geheim") && !text.contains("4711"))
        return text
      }
      #expect(
        try await reason("'geheim'") { _ = try $0["secret", as: Int.self] }
          == "column secret holds text, not Int")
      #expect(
        try await reason("NULL") { _ = try $0["secret", as: Int.self] }
          == "column secret holds NULL, not Int")
      #expect(
        try await reason("4711") { _ = try $0["secret", as: Int8.self] }
          == "column secret holds an integer that Int8 cannot hold")
      #expect(
        try await reason("4711") { _ = try $0["name", as: Int.self] }
          == "there is no column name among secret")
      #expect(
        try await reason("'geheim'") { _ = try $0[1, as: Int.self] } == "column 1 is not there")
      #expect(
        try await reason("'geheim'") { _ = try $0.decode(OneColumn<State>.self) }
          == "column secret holds text, not State")
      #expect(
        try await reason("4711") { _ = try $0.decode(OneColumn<Level>.self) }
          == "column secret holds an integer, not Level")
      #expect(
        try await reason("NULL") { _ = try $0.decode(OneColumn<Int>.self) }
          == "column secret holds NULL, not Int")
      #expect(
        try await reason("'{\"city\":4711}'") { _ = try $0.decode(OneColumn<Address>.self) }
          == "column secret holds JSON that is no Address at city")
      #expect(
        try await reason("'geheim'") { _ = try $0.decode(OneColumn<Address>.self) }
          == "column secret holds JSON that is no Address")
      #expect(
        try await reason("4711") { _ = try $0.decode(OneColumn<Address>.self) }
          == "column secret holds an integer, not Address")
      _ = try await reason("4711") { _ = try $0.decode([Int].self) }
    }
  }

  @Test("gives what SUM and the like count as an integer")
  func sums() async throws {
    try await TestDatabase.with { database in
      let row = try await database.client.query(
        "SELECT SUM(n), AVG(n), 1.0 FROM (SELECT 1 AS n UNION SELECT 4) t")[0]
      #expect(try row[0, as: Int.self] == 5)
      #expect(try row[2, as: UInt8.self] == 1)
      let error = #expect(throws: MySQLError.self) { try row[1, as: Int.self] }
      #expect(error?.reason == "column AVG(n) holds a DECIMAL, not Int")
    }
  }

  @Test("prints its columns and their types, and its values only for debugging")
  func descriptions() async throws {
    try await TestDatabase.with { database in
      let result = try await database.client.query("SELECT 'geheim' AS a, 1 AS b")
      #expect("\(result)" == "1 rows of (a, b)")
      #expect("\(result[0])" == "(a: text, b: an integer)")
      #expect(result[0].debugDescription.contains("geheim"))
      #expect(!"\(database.client)".contains("***") || !"\(database.client)".isEmpty)
    }
  }

  @Test("takes variables of every type as parameters, and gives the same back")
  func parameters() async throws {
    try await TestDatabase.with { database in
      let client = database.client
      try await client.execute(
        """
        CREATE TABLE v (i BIGINT, u BIGINT UNSIGNED, s TEXT, b BLOB, f DOUBLE, k BOOL,
          d DATE, t TIME(6), a DATETIME(6), e DECIMAL(65, 30), g CHAR(36), n BIT(12), y YEAR)
        """)
      let digits = MySQLDecimal(
        "-12345678901234567890123456789012345.123456789012345678901234567891")
      let exact = try #require(digits)
      let (id, moment) = (UUID(), MySQLDateTime(year: 2026, month: 1, day: 2, microsecond: 1))
      try await client.execute(
        "INSERT INTO v VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", Int.min, UInt.max, "é",
        [UInt8](0...255), -0.5, true, MySQLDate(year: 1, month: 1, day: 1),
        MySQLTime("-838:59:59.000001"), moment, exact, id, 0xABC, 2026)
      let row = try await client.query(
        "SELECT * FROM v WHERE e = ? AND d = ? AND t < ?",
        exact, MySQLDate(year: 1, month: 1, day: 1), Duration.zero)[0]
      #expect(try row["i", as: Int.self] == .min)
      #expect(try row["u", as: UInt.self] == .max)
      #expect(try row["b", as: [UInt8].self] == [UInt8](0...255))
      #expect(try row["k", as: Bool.self])
      #expect(try row["t", as: MySQLTime.self].description == "-838:59:59.000001")
      #expect(try row["t", as: Duration.self] < .seconds(-3_000_000))
      #expect(try row["a", as: MySQLDateTime.self] == moment)
      #expect(try row["e", as: String.self] == exact.description)
      #expect(try row["g", as: UUID.self] == id)
      #expect(try row["n", as: UInt16.self] == 0xABC)
      #expect(try row["y", as: Int.self] == 2026)
      #expect(try await client.query("SELECT ? IS NULL", String?.none)[0][0, as: Bool.self])
    }
  }
}

@Suite("Types of columns")
struct MySQLTypeTests {
  @Test("are written and read as the server does")
  func texts() throws {
    for text in ["2026-02-28", "0000-00-00", "9999-12-31"] {
      #expect(MySQLDate(text)?.description == text)
    }
    for text in ["00:00:00", "-838:59:59", "12:34:56.000001", "100:00:00.5"] {
      #expect(MySQLTime(text)?.description == text)
    }
    for text in ["2026-02-28 23:59:59", "2026-02-28 00:00:00.000001"] {
      #expect(MySQLDateTime(text)?.description == text)
    }
    #expect(MySQLDateTime("2026-02-28T01:02:03.25")?.microsecond == 250_000)
    for text in ["", "2026-2-28", "2026-02-28 ", "+026-02-28", "2026-02-28-01", "a"] {
      #expect(MySQLDate(text) == nil)
    }
    for text in ["", "1:00:00", "12:60:00", "12:00", "12:00:00.", "12:00:00.1234567", "--1:00:00"] {
      #expect(MySQLTime(text) == nil)
    }
    for text in ["", "-", "1.", ".5", "1e5", "1.2.3", "１", "+1", " 1"] {
      #expect(MySQLDecimal(text) == nil)
    }
  }

  @Test("are equal when they are the same number, moment or length")
  func equality() throws {
    #expect(MySQLDecimal("1.50") == MySQLDecimal("001.5"))
    #expect(MySQLDecimal("-0.00") == 0)
    #expect(MySQLDecimal("-1") != 1)
    #expect(Set([MySQLDecimal("1.0"), MySQLDecimal("1"), 1]).count == 1)
    #expect(MySQLDecimal("100") != MySQLDecimal("1"))
    #expect(MySQLTime(.seconds(-1)) < MySQLTime(.zero))
    #expect(MySQLTime(.seconds(100_000_000)).description == "838:59:59.999999")
    #expect(MySQLDate(year: 2026, month: 2, day: 1) < MySQLDate(year: 2026, month: 10, day: 1))
    #expect(MySQLDate(daysSince1970: .max).year == 9999)
    #expect(MySQLDate(daysSince1970: -1).description == "1969-12-31")
    var time = MySQLDateTime(year: 70_000, month: 2, day: -1)
    time.hour = 400
    #expect(time.year == 16_383 && time.day == 0 && time.hour == 31)
  }

  @Test("go through JSON as their texts")
  func json() throws {
    struct All: Codable, Equatable {
      var day = MySQLDate(year: 2026, month: 2, day: 28)
      var time = MySQLTime(microseconds: -1)
      var at = MySQLDateTime(year: 2026, month: 2, day: 28, hour: 1)
      var price = MySQLDecimal(5)
    }
    let data = try JSONEncoder().encode(All())
    #expect(try JSONDecoder().decode(All.self, from: data) == All())
    #expect(String(decoding: data, as: UTF8.self).contains("\"2026-02-28\""))
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([MySQLDate].self, from: Data("[\"x\"]".utf8))
    }
  }
}
