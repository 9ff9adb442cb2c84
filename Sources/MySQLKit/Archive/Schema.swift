/// The schema of the connection's database, as it stands.
struct Schema {
  let connection: MySQLConnection

  /// The names of all tables, and whether each is a view.
  func tables() throws -> [(name: String, isView: Bool)] {
    try connection.query(
      """
      SELECT table_name, table_type FROM information_schema.tables
      WHERE table_schema = DATABASE() ORDER BY table_name
      """
    ).map { row in (try text(row) ?? "", try text(row, 1) != "BASE TABLE") }
  }

  func hasTable(_ table: String) throws -> Bool {
    try !connection.query(
      """
      SELECT 1 FROM information_schema.tables
      WHERE table_schema = DATABASE() AND table_name = ?
      """, [.text(table)]
    ).isEmpty
  }

  /// A column, in the server's words and small letters.
  struct Column {
    let name: String
    /// The name of the type alone: `varchar`.
    let kind: String
    /// The whole type: `varchar(36)`.
    let type: String
    let isNullable: Bool
    let hasDefault: Bool
    /// The server fills it: a number that counts up, or a value computed from others.
    let isFilled: Bool

    var isText: Bool { kind.hasSuffix("char") || kind.hasSuffix("text") }
  }

  func columns(of table: String) throws -> [Column] {
    try connection.query(
      """
      SELECT column_name, data_type, column_type, is_nullable = 'YES', column_default IS NOT NULL,
        extra LIKE '%auto_increment%' OR extra LIKE '%GENERATED%'
      FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?
      ORDER BY ordinal_position
      """, [.text(table)]
    ).map { row in
      Column(
        name: try text(row) ?? "", kind: (try text(row, 1) ?? "").lowercased(),
        type: (try text(row, 2) ?? "").lowercased(), isNullable: try row.integer(3) == 1,
        hasDefault: try row.integer(4) == 1, isFilled: try row.integer(5) == 1)
    }
  }

  func column(_ column: String, of table: String) throws -> Column? {
    try columns(of: table).first { $0.name == column }
  }

  /// The columns of an index, in order; empty without such an index.
  func columns(ofIndex index: String, in table: String) throws -> [String] {
    try connection.query(
      """
      SELECT column_name FROM information_schema.statistics
      WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ?
      ORDER BY seq_in_index
      """, [.text(table), .text(index)]
    ).compactMap { try text($0) }
  }

  /// Whether no two rows can have the same value in a column.
  func isUnique(_ column: String, in table: String) throws -> Bool {
    try !connection.query(
      """
      SELECT index_name FROM information_schema.statistics
      WHERE table_schema = DATABASE() AND table_name = ? AND non_unique = 0
      GROUP BY index_name HAVING COUNT(*) = 1 AND MAX(column_name) = ?
      """, [.text(table), .text(column)]
    ).isEmpty
  }

  /// Whether MariaDB, whose documents are texts, checks that a column holds one.
  func isDocument(_ column: String, in table: String) throws -> Bool {
    try !connection.query(
      """
      SELECT 1 FROM information_schema.table_constraints t
      JOIN information_schema.check_constraints c ON c.constraint_schema = t.table_schema
        AND c.constraint_name = t.constraint_name
      WHERE t.table_schema = DATABASE() AND t.table_name = ? AND c.check_clause LIKE ?
      """, [.text(table), .text("%json_valid(`\(column)`)%")]
    ).isEmpty
  }

  struct ForeignKey {
    let name: String
    let table: String
    let target: String
  }

  /// The foreign keys from and to the tables of the database.
  func foreignKeys() throws -> [ForeignKey] {
    try connection.query(
      """
      SELECT DISTINCT constraint_name, table_name, referenced_table_name
      FROM information_schema.key_column_usage
      WHERE table_schema = DATABASE() AND referenced_table_schema = DATABASE()
        AND referenced_table_name IS NOT NULL
      """
    ).map { row in
      ForeignKey(
        name: try text(row) ?? "", table: try text(row, 1) ?? "", target: try text(row, 2) ?? "")
    }
  }

  /// Whether a table is InnoDB and utf8mb4, compared to the byte.
  func isConverted(_ table: String) throws -> Bool {
    try connection.query(
      """
      SELECT 1 FROM information_schema.tables t WHERE t.table_schema = DATABASE()
        AND t.table_name = ? AND (t.engine <> 'InnoDB' OR t.table_collation <> 'utf8mb4_bin')
      """, [.text(table)]
    ).isEmpty
  }

  func convert(_ table: String) throws {
    if try isConverted(table) { return }
    try connection.execute("ALTER TABLE `\(table)` ENGINE = InnoDB")
    try connection.execute(
      "ALTER TABLE `\(table)` CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
  }

  /// Gives a column another definition, if it does not have it: the same type, a default or none
  /// and, of a text, the same collation. Documents stay as they are: old ones may hold what is no
  /// JSON.
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

  private func text(_ row: MySQLRow, _ column: Int = 0) throws(MySQLError) -> String? {
    // MySQL gives some columns of its dictionary as bytes.
    try row.bytesOrNil(column).map { String(decoding: $0, as: UTF8.self) }
  }
}
