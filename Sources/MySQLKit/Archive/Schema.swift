/// The schema of the connection's database, as it stands, and changes to it that do nothing when
/// they are made already.
struct Schema {
  let connection: MySQLConnection

  func hasTable(_ table: String) throws -> Bool {
    try !connection.query(
      """
      SELECT 1 FROM information_schema.tables
      WHERE table_schema = DATABASE() AND table_name = ?
      """, [.text(table)]
    ).isEmpty
  }

  /// The type of a column, in the server's words and small letters; nil without such a column.
  func type(of column: String, in table: String) throws -> String? {
    try connection.query(
      """
      SELECT column_type FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?
      """, [.text(table), .text(column)]
    ).first.flatMap { try text($0) }?.lowercased()
  }

  /// The columns of an index, in order; empty without such an index.
  func columns(ofIndex index: String, in table: String) throws -> [String] {
    try connection.query(
      """
      SELECT column_name FROM information_schema.statistics
      WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ?
      ORDER BY seq_in_index
      """, [.text(table), .text(index)]
    ).compactMap(text)
  }

  func hasForeignKey(_ name: String, in table: String) throws -> Bool {
    try !connection.query(
      """
      SELECT 1 FROM information_schema.table_constraints
      WHERE table_schema = DATABASE() AND table_name = ? AND constraint_name = ?
        AND constraint_type = 'FOREIGN KEY'
      """, [.text(table), .text(name)]
    ).isEmpty
  }

  func addColumn(_ column: String, _ definition: String, to table: String) throws {
    if try type(of: column, in: table) != nil { return }
    try connection.execute("ALTER TABLE `\(table)` ADD COLUMN `\(column)` \(definition)")
  }

  func dropIndex(_ index: String, from table: String) throws {
    if try columns(ofIndex: index, in: table).isEmpty { return }
    try connection.execute("ALTER TABLE `\(table)` DROP INDEX `\(index)`")
  }

  /// Adds an index; `kind` is `KEY`, `UNIQUE KEY` or `FULLTEXT KEY`.
  func addIndex(
    _ index: String, on columns: String, of table: String, kind: String = "KEY"
  ) throws {
    if try !self.columns(ofIndex: index, in: table).isEmpty { return }
    try connection.execute("ALTER TABLE `\(table)` ADD \(kind) `\(index)` (\(columns))")
  }

  private func text(_ row: MySQLRow) throws(MySQLError) -> String? {
    // MySQL gives some columns of its dictionary as bytes.
    try row.bytesOrNil(0).map { String(decoding: $0, as: UTF8.self) }
  }
}
