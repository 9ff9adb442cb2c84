/// A column of times that others made: it may hold text in any form of ISO 8601, or numbers since
/// 1970, where ours holds a date and time in UTC.
struct TimeColumn {
  private let table: String
  private let column: String

  init(_ column: String, of table: String) {
    self.table = table
    self.column = column
  }

  /// Whether the server itself takes the column's values for times.
  private static let kinds: Set = ["datetime", "timestamp", "date"]

  /// How many values are no time; 0 for a column that is not there.
  func strangeCount(_ schema: Schema) throws -> Int64 {
    guard let found = try schema.column(column, of: table), !Self.kinds.contains(found.kind) else {
      return 0
    }
    return try schema.connection.query(
      """
      SELECT COUNT(*) FROM `\(table)` WHERE `\(column)` IS NOT NULL AND NOT \(isEmpty)
      AND \(utc) IS NULL
      """
    )[0].integer(0)
  }

  /// Writes all values in the one form that the server takes for a time. Can be interrupted, and
  /// run again: that form is one of those that are read.
  func convert(_ schema: Schema) throws {
    guard let found = try schema.column(column, of: table), !Self.kinds.contains(found.kind) else {
      return
    }
    let type = "varchar(64)"
    if found.type != type || !found.isNullable {
      try schema.connection.execute("ALTER TABLE `\(table)` MODIFY `\(column)` \(type) NULL")
    }
    try schema.connection.execute(
      """
      UPDATE `\(table)` SET `\(column)` = IF(\(isEmpty), NULL, CAST(\(utc) AS CHAR))
      WHERE `\(column)` IS NOT NULL
      """)
  }

  private var text: String { "TRIM(CAST(`\(column)` AS CHAR))" }

  private var isEmpty: String {
    """
    (\(text) IN ('', 'none', 'None', 'null', 'NULL', 'NaT', 'nan') OR \(text) LIKE '0000-00-00%')
    """
  }

  /// The value as a date and time in UTC; NULL when it is none.
  private var utc: String {
    let clock =
      "REGEXP_SUBSTR(SUBSTRING(\(text), 11), '[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6})?)?')"
    let zone = "COALESCE(REGEXP_SUBSTR(SUBSTRING(\(text), 11), '[+-][0-9]{2}:?([0-9]{2})?'), '')"
    let minutes = """
      IF(\(zone) = '', 0, IF(\(zone) LIKE '-%', -1, 1) * (SUBSTRING(\(zone), 2, 2) * 60 \
      + CONCAT('0', REPLACE(SUBSTRING(\(zone), 4), ':', ''))))
      """
    let number = "CAST(\(text) AS DECIMAL(36, 9))"
    return """
      CASE
      WHEN \(text) REGEXP '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ]+[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?\
       ?(Z|z|UTC|GMT)?([+-][0-9]{2}(:?[0-9]{2})?)?Z?)?$'
      THEN CAST(CONCAT(LEFT(\(text), 10), ' ',
          COALESCE(NULLIF(REPLACE(\(clock), ',', '.'), ''), '00:00:00')) AS DATETIME(6))
        - INTERVAL \(minutes) MINUTE
      WHEN \(text) REGEXP '^(19|2[0-9])[0-9]{6}([0-9]{6})?$' THEN CAST(\(text) AS DATETIME(6))
      WHEN \(text) REGEXP '^[0-9]+([.][0-9]*)?([eE][+]?[0-9]{1,2})?$' AND \(number) < 1e20
      THEN CAST('1970-01-01' AS DATETIME(6)) + INTERVAL CAST(ROUND(\(number) / CASE
          WHEN \(number) >= 1e17 THEN 1e3 WHEN \(number) >= 1e14 THEN 1 WHEN \(number) >= 1e11
          THEN 1e-3 ELSE 1e-6 END) AS SIGNED) MICROSECOND
      END
      """
  }
}
