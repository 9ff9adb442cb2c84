import SessionCore

/// Looks, before anything is changed, whether the schema can be made in a database: whose it is,
/// and whether all that its tables hold fits.
struct SchemaInspection {
  private let connection: MySQLConnection
  private let schema: Schema

  struct Obstacle {
    var code = ArchiveError.Code.refused
    let reason: String
  }

  init(_ connection: MySQLConnection) {
    self.connection = connection
    schema = Schema(connection: connection)
  }

  /// What stands in the way of the first migration; empty when nothing does.
  func obstacles(_ mode: SchemaMode) throws -> [Obstacle] {
    let tables = try tables()
    let names = Set(tables.map(\.name))
    if let foreign = try foreignTables(names, mode) { return [foreign] }
    var found: [String] = []
    for table in ArchiveTables.all where names.contains(table.name) {
      if tables.contains(where: { $0.name == table.name && $0.isView }) {
        found.append("\(table.name) is a view")
        continue
      }
      found += try keyObstacles(table)
      found += try valueObstacles(table)
      found += try ForeignColumn.obstacles(table, connection)
    }
    return found.map { Obstacle(reason: "the schema cannot be upgraded: \($0)") }
  }

  /// The tables, under the names that statements know them by.
  private func tables() throws -> [(name: String, isView: Bool)] {
    let keepsCase = try connection.query("SELECT @@lower_case_table_names = 0")[0].integer(0) == 1
    let own = Dictionary(uniqueKeysWithValues: Self.marks.keys.map { ($0.lowercased(), $0) })
    return try schema.tables().map { table in
      (keepsCase ? table.name : own[table.name.lowercased()] ?? table.name, table.isView)
    }
  }

  // MARK: Whose database it is

  /// The columns by which a table is known as Chainlit's.
  private static let marks: [String: Set<String>] = [
    "User": ["id", "identifier"], "Thread": ["id", "userId", "metadata"],
    "Step": ["id", "threadId", "type", "output"], "Element": ["id", "threadId"],
    "Feedback": ["id", "value"],
  ]

  /// The names under which other layers of Chainlit's, and other servers, keep the tables.
  private static let otherNames: [String: String] = Dictionary(
    uniqueKeysWithValues: ArchiveTables.all.flatMap { table in
      let small = table.name.lowercased()
      return [(small, table.name), (small + "s", table.name), (table.name + "s", table.name)]
    })

  private func foreignTables(_ names: Set<String>, _ mode: SchemaMode) throws -> Obstacle? {
    let isOurs = try Set(schema.columns(of: "schema_migration").map(\.name))
      .isSuperset(of: ["number", "name", "appliedAt"])
    if names.isEmpty || (isOurs && names.contains("schema_migration")) { return nil }
    let own = names.intersection(Self.marks.keys)
    for name in own.sorted() {
      let missing = (Self.marks[name] ?? []).subtracting(try schema.columns(of: name).map(\.name))
      if !missing.isEmpty {
        let lacks = missing.sorted().joined(separator: ", ")
        return Obstacle(
          code: .foreignDatabase,
          reason: """
            the table \(name) of this database is of another program (it has no \(lacks)): use a \
            database of its own
            """)
      }
    }
    let others = own.contains("Step") ? [] : names.filter { Self.otherNames[$0] != nil }
    if mode != .besideOthers,
      Set(others.compactMap { Self.otherNames[$0] }).isSuperset(of: ["Thread", "Step"])
    {
      let renames = others.sorted().compactMap { name in
        Self.otherNames[name].map { "`\(name)` TO `\($0)`" }
      }
      return Obstacle(
        code: .foreignDatabase,
        reason: """
          this database holds Chainlit's tables under other names: rename them (RENAME TABLE \
          \(renames.joined(separator: ", "))), use a database of its own, or allow an empty history \
          beside them with schema=beside-others in the URL of the database
          """)
    }
    if own.contains("Step") || own.contains("Thread") || names.isSubset(of: Self.marks.keys)
      || mode == .besideOthers
    {
      return nil
    }
    let shown = names.sorted().prefix(3).joined(separator: ", ")
    return Obstacle(
      code: .foreignDatabase,
      reason: """
        this database is another program's (it holds \(shown)\(names.count > 3 ? " …" : "")): use \
        a database of its own, or allow it with schema=beside-others in the URL of the database
        """)
  }

  // MARK: What its tables hold

  private func keyObstacles(_ table: ArchiveTables.Table) throws -> [String] {
    var found: [String] = []
    let name = table.name
    if try !schema.isUnique("id", in: name) {
      let row = try connection.query(
        "SELECT COUNT(*) - COUNT(DISTINCT id), COUNT(*) - COUNT(id) FROM `\(name)`")[0]
      if try row.integer(0) > 0 || row.integer(1) > 0 {
        found.append("\(name).id is missing in a row, or the same in two")
      }
    }
    let own = Set(ArchiveTables.all.map(\.name))
    let isChanged =
      try !schema.isConverted(name) || schema.column("id", of: name)?.type != "char(36)"
    for key in try schema.foreignKeys()
    where isChanged && key.target == name && !own.contains(key.table) {
      found.append(
        "the foreign key \(key.name) of \(key.table) refers to \(name): drop it, and make it again later"
      )
    }
    let parts = try connection.query(
      """
      SELECT 1 FROM information_schema.partitions WHERE table_schema = DATABASE()
        AND table_name = ? AND partition_name IS NOT NULL LIMIT 1
      """, [.text(name)])
    if !parts.isEmpty { found.append("\(name) is partitioned: REMOVE PARTITIONING first") }
    return found
  }

  private func valueObstacles(_ table: ArchiveTables.Table) throws -> [String] {
    let columns = try schema.columns(of: table.name)
    var checks: [(sentence: String, condition: String)] = []
    for (name, definition) in table.columns {
      guard let column = columns.first(where: { $0.name == name }) else { continue }
      let place = "\(table.name).\(name)"
      if definition.hasPrefix("DATETIME") {
        let count = try TimeColumn(name, of: table.name).strangeCount(schema)
        if count > 0 { checks.append(("\(place) holds what is no time (\(count) rows)", "TRUE")) }
        continue
      }
      let isBinary = column.kind.hasSuffix("binary") || column.kind.hasSuffix("blob")
      if isBinary, name != "content", !definition.hasPrefix("JSON") {
        checks.append(
          (
            "\(place) is of the type \(column.type), which is no text",
            "`\(name)` IS NOT NULL"
          ))
      } else if let limit = Self.limit(of: definition), place != "Thread.name" {
        checks.append(
          (
            "\(place) holds texts of more than \(limit.count) \(limit.unit)",
            "\(limit.function)(`\(name)`) > \(limit.count)"
          ))
      } else if definition.hasPrefix("DOUBLE"), column.isText {
        checks.append(
          (
            "\(place) holds what is no number",
            "`\(name)` NOT REGEXP '^[+-]?[0-9]*[.]?[0-9]+([eE][+-]?[0-9]+)?$'"
          ))
      }
    }
    return try checks.compactMap { check in
      let found = try connection.query(
        "SELECT 1 FROM `\(table.name)` WHERE \(check.condition) LIMIT 1")
      return found.isEmpty ? nil : check.sentence
    }
  }

  /// What a column of ours can hold at most.
  private static func limit(
    of definition: String
  ) -> (function: String, count: Int, unit: String)? {
    if definition.hasPrefix("MEDIUMTEXT") { return ("LENGTH", 16_777_215, "bytes") }
    if definition.hasPrefix("TEXT") { return ("LENGTH", 65_535, "bytes") }
    guard let match = definition.firstMatch(of: #/^(?:VAR)?CHAR\((\d+)\)/#),
      let count = Int(match.1)
    else { return nil }
    return ("CHAR_LENGTH", count, "characters")
  }
}
