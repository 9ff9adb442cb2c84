import SessionCore

/// Columns of rows as they stand, for exports: what another program wrote comes back as it was.
enum ForeignColumns {
  static let thread = ["tags", "metadata", "createdAt", "updatedAt"]
  static let step = [
    "type", "parentId", "name", "input", "output", "metadata", "tags", "createdAt", "startTime",
    "endTime", "isError", "generation", "feedback",
  ]
  static let element = ["metadata", "createdAt", "updatedAt"]

  /// The values of `columns`.
  static func row(_ columns: [String], _ values: some Sequence<MySQLValue>) -> ForeignRow {
    var foreign: ForeignRow = [:]
    for (name, value) in zip(columns, values) { foreign[name] = ForeignValue(value) }
    return foreign
  }

  /// Whether two rows say the same: MySQL writes a document in a form of its own, with spaces and
  /// its members in another order.
  static func areSame(_ row: ForeignRow, _ other: ForeignRow?) -> Bool {
    guard let other, row.keys == other.keys else { return row == other }
    return row.allSatisfy { name, value in
      if value == other[name] { return true }
      guard documents.contains(name), case .text(let text) = value,
        case .text(let otherText)? = other[name], let document = JSONDocument(text)
      else { return false }
      return document == JSONDocument(otherText)
    }
  }

  private static let documents: Set = ["metadata", "tags", "generation", "feedback"]

  /// The values for a statement that sets `columns`; a column that the row does not tell is NULL.
  static func values(_ columns: [String], of row: ForeignRow) -> [MySQLValue] {
    columns.map { name in
      switch row[name] {
      case nil, .null: .null
      case .integer(let number)
      where ["createdAt", "updatedAt", "startTime", "endTime"].contains(name):
        MySQLValue(microseconds: number)
      case .integer(let number): .integer(number)
      case .text(let text): .text(text)
      }
    }
  }
}

extension ForeignValue {
  init(_ value: MySQLValue) {
    self =
      switch value {
      case .null: .null
      case .integer(let number): .integer(number)
      case .unsigned(let number): .integer(Int64(clamping: number))
      case .double(let number): .text("\(number)")
      case .text(let text): .text(text)
      case .bytes(let bytes): .text(String(decoding: bytes, as: UTF8.self))
      case .dateTime(let time): time.microseconds.map { .integer($0) } ?? .null
      case .date, .time, .decimal: .text(value.text ?? "")
      }
  }
}
