import CMariaDB

/// Owns the memory that the rows of a statement are fetched into, and turns them into values.
final class RowReader {
  /// What becomes of a column.
  private enum Kind {
    case integer
    case unsigned
    case double
    case dateTime
    case date
    case time
    /// Travels as text.
    case text
    case decimal
    case bytes
    /// Bytes that are a number, the highest first.
    case bits
  }

  /// What decides whether a column is still the one that this reader was made for.
  private struct Shape: Equatable {
    let type: UInt32
    let flags: UInt32
    let charset: UInt32

    init(_ field: MYSQL_FIELD) {
      type = field.type.rawValue
      flags = field.flags
      charset = field.charsetnr
    }
  }

  let columns: [String]
  let binds: UnsafeMutablePointer<MYSQL_BIND>
  private let kinds: [Kind]
  private let shapes: [Shape]
  private let numbers: UnsafeMutablePointer<UInt64>
  private let times: UnsafeMutablePointer<MYSQL_TIME>
  private let lengths: UnsafeMutablePointer<UInt>
  private let nulls: UnsafeMutablePointer<my_bool>
  private let errors: UnsafeMutablePointer<my_bool>

  init(_ fields: UnsafeBufferPointer<MYSQL_FIELD>) {
    columns = fields.map { String(cString: $0.name) }
    shapes = fields.map(Shape.init)
    kinds = fields.map(Self.kind)
    let count = fields.count
    binds = .allocate(capacity: count)
    binds.initialize(repeating: MYSQL_BIND(), count: count)
    numbers = .allocate(capacity: count)
    numbers.initialize(repeating: 0, count: count)
    times = .allocate(capacity: count)
    times.initialize(repeating: MYSQL_TIME(), count: count)
    lengths = .allocate(capacity: count)
    lengths.initialize(repeating: 0, count: count)
    nulls = .allocate(capacity: count)
    nulls.initialize(repeating: 0, count: count)
    errors = .allocate(capacity: count)
    errors.initialize(repeating: 0, count: count)
    for index in 0..<count { setBind(index) }
  }

  deinit {
    binds.deallocate()
    numbers.deallocate()
    times.deallocate()
    lengths.deallocate()
    nulls.deallocate()
    errors.deallocate()
  }

  /// Whether rows of these fields can be read.
  func fits(_ fields: UnsafeBufferPointer<MYSQL_FIELD>) -> Bool {
    fields.count == shapes.count && zip(fields, shapes).allSatisfy { Shape($0) == $1 }
  }

  /// Adds the values of the row that was fetched last, and gives how many bytes their texts have.
  func append(
    to values: inout [MySQLValue], of statement: UnsafeMutablePointer<MYSQL_STMT>
  ) -> Int {
    var byteCount = 0
    for column in kinds.indices {
      values.append(value(column, of: statement))
      switch kinds[column] {
      case .text, .decimal, .bytes: byteCount += nulls[column] == 0 ? Int(lengths[column]) : 0
      default: break
      }
    }
    return byteCount
  }

  /// The value of a column of the row that was fetched last.
  func value(_ column: Int, of statement: UnsafeMutablePointer<MYSQL_STMT>) -> MySQLValue {
    if nulls[column] != 0 { return .null }
    switch kinds[column] {
    case .integer: return .integer(Int64(bitPattern: numbers[column]))
    case .unsigned: return .unsigned(numbers[column])
    case .double: return .double(Double(bitPattern: numbers[column]))
    case .dateTime: return .dateTime(MySQLDateTime(times[column]))
    case .date: return .date(MySQLDate(times[column]))
    case .time: return .time(MySQLTime(times[column]))
    case .text: return .text(String(utf8: bytes(column, of: statement)))
    case .decimal:
      return .decimal(MySQLDecimal(digits: String(utf8: bytes(column, of: statement))))
    case .bytes: return .bytes(Array(bytes(column, of: statement)))
    case .bits: return .unsigned(bytes(column, of: statement).reduce(0) { $0 << 8 | UInt64($1) })
    }
  }

  /// The bytes of a text in the row that was fetched last; nil for NULL and for other kinds of
  /// value.
  func textOrNil(
    _ column: Int, of statement: UnsafeMutablePointer<MYSQL_STMT>
  ) -> UnsafeBufferPointer<UInt8>? {
    guard nulls[column] == 0 else { return nil }
    switch kinds[column] {
    case .text, .decimal: return bytes(column, of: statement)
    default: return nil
    }
  }

  private func bytes(
    _ column: Int, of statement: UnsafeMutablePointer<MYSQL_STMT>
  ) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(
      start: session_stmt_bytes(statement, UInt32(column)), count: Int(lengths[column]))
  }

  private func setBind(_ index: Int) {
    var bind = MYSQL_BIND()
    switch kinds[index] {
    case .integer, .unsigned:
      bind.buffer_type = MYSQL_TYPE_LONGLONG
      bind.buffer = UnsafeMutableRawPointer(numbers + index)
      bind.buffer_length = 8
      bind.is_unsigned = kinds[index] == .unsigned ? 1 : 0
    case .double:
      bind.buffer_type = MYSQL_TYPE_DOUBLE
      bind.buffer = UnsafeMutableRawPointer(numbers + index)
      bind.buffer_length = 8
    case .dateTime: setTime(&bind, index, MYSQL_TYPE_DATETIME)
    case .date: setTime(&bind, index, MYSQL_TYPE_DATE)
    case .time: setTime(&bind, index, MYSQL_TYPE_TIME)
    // Nothing is copied: the bytes are read where they stand.
    case .text, .decimal: bind.buffer_type = MYSQL_TYPE_STRING
    case .bytes, .bits: bind.buffer_type = MYSQL_TYPE_BLOB
    }
    bind.length = lengths + index
    bind.is_null = nulls + index
    bind.error = errors + index
    binds[index] = bind
  }

  private func setTime(_ bind: inout MYSQL_BIND, _ index: Int, _ type: enum_field_types) {
    bind.buffer_type = type
    bind.buffer = UnsafeMutableRawPointer(times + index)
    bind.buffer_length = UInt(MemoryLayout<MYSQL_TIME>.size)
  }

  private static func kind(_ field: MYSQL_FIELD) -> Kind {
    switch field.type {
    case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG,
      MYSQL_TYPE_YEAR:
      field.flags & UInt32(UNSIGNED_FLAG) != 0 ? .unsigned : .integer
    case MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE: .double
    case MYSQL_TYPE_DATETIME, MYSQL_TYPE_TIMESTAMP: .dateTime
    case MYSQL_TYPE_DATE, MYSQL_TYPE_NEWDATE: .date
    case MYSQL_TYPE_TIME: .time
    case MYSQL_TYPE_DECIMAL, MYSQL_TYPE_NEWDECIMAL: .decimal
    case MYSQL_TYPE_BIT: .bits
    case MYSQL_TYPE_TINY_BLOB, MYSQL_TYPE_BLOB, MYSQL_TYPE_MEDIUM_BLOB, MYSQL_TYPE_LONG_BLOB,
      MYSQL_TYPE_STRING, MYSQL_TYPE_VAR_STRING, MYSQL_TYPE_VARCHAR, MYSQL_TYPE_GEOMETRY:
      field.charsetnr == binaryCharset ? .bytes : .text
    default: .text
    }
  }
}

/// The number of the character set of bytes that are no text.
private let binaryCharset: UInt32 = 63

extension MySQLDateTime {
  fileprivate init(_ time: MYSQL_TIME) {
    self.init(
      year: Int(time.year), month: Int(time.month), day: Int(time.day), hour: Int(time.hour),
      minute: Int(time.minute), second: Int(time.second), microsecond: Int(time.second_part))
  }
}

extension MySQLDate {
  fileprivate init(_ time: MYSQL_TIME) {
    self.init(year: Int(time.year), month: Int(time.month), day: Int(time.day))
  }
}

extension MySQLTime {
  fileprivate init(_ time: MYSQL_TIME) {
    let hours = Int64(time.day) * 24 + Int64(time.hour)
    let seconds = (hours * 60 + Int64(time.minute)) * 60 + Int64(time.second)
    let microseconds = seconds * 1_000_000 + Int64(time.second_part)
    self.init(microseconds: time.neg != 0 ? -microseconds : microseconds)
  }
}
