/// One statement of a migration, which is left out where its work is done already.
enum SchemaChange: Sendable {
  case createTable(ArchiveTables.Table)
  case addColumn(String, definition: String, to: String)
  /// `kind` is `KEY`, `UNIQUE KEY` or `FULLTEXT KEY`.
  case addIndex(String, columns: String, of: String, kind: String = "KEY")
  case dropIndex(String, from: String)
  /// Does nothing the second time.
  case statement(String)

  var sql: String {
    switch self {
    case .createTable(let table): table.creation
    case .addColumn(let column, let definition, let table):
      "ALTER TABLE `\(table)` ADD COLUMN `\(column)` \(definition)"
    case .addIndex(let index, let columns, let table, let kind):
      "ALTER TABLE `\(table)` ADD \(kind) `\(index)` (\(columns))"
    case .dropIndex(let index, let table): "ALTER TABLE `\(table)` DROP INDEX `\(index)`"
    case .statement(let sql): sql
    }
  }

  func isDone(in schema: Schema) throws -> Bool {
    switch self {
    case .createTable(let table): try schema.hasTable(table.name)
    case .addColumn(let column, _, let table): try schema.column(column, of: table) != nil
    case .addIndex(let index, _, let table, _):
      try !schema.columns(ofIndex: index, in: table).isEmpty
    case .dropIndex(let index, let table):
      try schema.columns(ofIndex: index, in: table).isEmpty
    case .statement: false
    }
  }

  /// Makes the change, where it is not made.
  func make(_ schema: Schema) throws {
    if try !isDone(in: schema) { try schema.connection.execute(sql) }
  }
}
