/// A column that must hold something and has no default, where a statement of ours gives it
/// nothing: Chainlit's layers make some.
enum ForeignColumn {
  /// Lets statements leave such columns of a table out: documents may be NULL, others get the
  /// neutral value of their type.
  static func relax(_ table: ArchiveTables.Table, _ connection: MySQLConnection) throws {
    for change in try changes(table, connection) { try connection.execute(change.sql) }
  }

  /// The columns that no value can be given to, as sentences.
  static func obstacles(
    _ table: ArchiveTables.Table, _ connection: MySQLConnection
  ) throws -> [String] {
    try changes(table, connection).compactMap(\.obstacle)
  }

  private struct Change {
    let sql: String
    var obstacle: String?
  }

  private static func changes(
    _ table: ArchiveTables.Table, _ connection: MySQLConnection
  ) throws -> [Change] {
    let schema = Schema(connection: connection)
    let own = Dictionary(uniqueKeysWithValues: table.columns.map { ($0.name, $0.definition) })
    return try schema.columns(of: table.name).compactMap { column in
      if column.isNullable || column.hasDefault || column.isFilled { return nil }
      if let definition = own[column.name] {
        // Only documents stay as they were made; all others are ours by now.
        guard definition.hasPrefix("JSON") else { return nil }
        let collation = column.kind == "json" ? "" : "COLLATE utf8mb4_bin"
        return Change(
          sql:
            "ALTER TABLE `\(table.name)` MODIFY `\(column.name)` \(column.type) \(collation) NULL")
      }
      if ["position", "rewound", "ordered"].contains(column.name) { return nil }
      let value = try neutralValue(column, schema, table.name)
      let isUnique = try schema.isUnique(column.name, in: table.name)
      let obstacle = """
        the column \(table.name).\(column.name) must hold something, and nothing is known to put \
        into it: give it a default, or allow NULL
        """
      return Change(
        sql: """
          ALTER TABLE `\(table.name)` ALTER COLUMN `\(column.name)` SET DEFAULT \(value ?? "NULL")
          """,
        obstacle: value == nil || isUnique ? obstacle : nil)
    }
  }

  private static func neutralValue(
    _ column: Schema.Column, _ schema: Schema, _ table: String
  ) throws -> String? {
    switch column.kind {
    case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year":
      "0"
    case "bit": "b'0'"
    case "char", "varchar", "binary", "varbinary", "set": "''"
    // The server's own rule for one that is left out.
    case "enum": column.type.firstMatch(of: #/'(?:[^']|'')*'/#).map { String($0.output) }
    // MySQL takes no plain value for these.
    case "json": "('{}')"
    case let kind where kind.hasSuffix("text"):
      try schema.isDocument(column.name, in: table) ? "('{}')" : "('')"
    case let kind where kind.hasSuffix("blob"): "('')"
    case "date": "'1970-01-01'"
    case "datetime", "timestamp": "'1970-01-01 00:00:01'"
    case "time": "'00:00:00'"
    default: nil
    }
  }
}
