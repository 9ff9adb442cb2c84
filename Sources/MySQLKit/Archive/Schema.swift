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

  func isAutoIncrement(_ column: String, in table: String) throws -> Bool {
    try !connection.query(
      """
      SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
        AND table_name = ? AND column_name = ? AND extra LIKE '%auto_increment%'
      """, [.text(table), .text(column)]
    ).isEmpty
  }

  /// Makes a table InnoDB and utf8mb4, where it is not.
  func convert(_ table: String) throws {
    let strange = try connection.query(
      """
      SELECT 1 FROM information_schema.tables t WHERE t.table_schema = DATABASE()
        AND t.table_name = ? AND (t.engine <> 'InnoDB' OR t.table_collation <> 'utf8mb4_bin')
      """, [.text(table)])
    if strange.isEmpty { return }
    try connection.execute("ALTER TABLE `\(table)` ENGINE = InnoDB")
    try connection.execute(
      "ALTER TABLE `\(table)` CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
  }

  func addPrimaryKey(to table: String) throws {
    if try !columns(ofIndex: "PRIMARY", in: table).isEmpty { return }
    try connection.execute("ALTER TABLE `\(table)` ADD PRIMARY KEY (id)")
  }

  /// Gives a column another definition, if it does not have it: the same type, a
  /// default or none and, of a text, the same collation. Documents stay as they are: old ones may hold what is no JSON.
  func change(_ column: String, to definition: String, in table: String) throws {
    let words = definition.lowercased().split(separator: " ")
    guard let type = words.first, type != "json", !words.contains("stored") else { return }
    let collation = words.drop { $0 != "collate" }.dropFirst().first
    let found = try connection.query(
      """
      SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
        AND table_name = ? AND column_name = ? AND column_type = ?
        AND COALESCE(collation_name = ?, 1) AND (is_nullable = 'YES') = ?
        AND (COALESCE(column_default, 'NULL') <> 'NULL') = ?
      """,
      [
        .text(table), .text(column), .text(String(type)), MySQLValue(collation.map(String.init)),
        definition.contains("NOT NULL") ? 0 : 1, definition.contains("DEFAULT") ? 1 : 0,
      ])
    if !found.isEmpty { return }
    try connection.execute("ALTER TABLE `\(table)` MODIFY `\(column)` \(definition)")
  }

  func addForeignKey(_ key: ArchiveTables.ForeignKey, to table: String) throws {
    if try hasForeignKey(key.name, in: table) { return }
    try connection.execute("ALTER TABLE `\(table)` ADD \(key.clause)")
  }

  private func text(_ row: MySQLRow) throws(MySQLError) -> String? {
    // MySQL gives some columns of its dictionary as bytes.
    try row.bytesOrNil(0).map { String(decoding: $0, as: UTF8.self) }
  }
}
