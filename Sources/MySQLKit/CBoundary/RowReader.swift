import CMariaDB

/// Owns the memory that the rows of a statement are fetched into, and turns them into values.
final class RowReader {
  /// What becomes of a column.
  private enum Kind {
    case integer
    case unsigned
    case double
    case dateTime
    case text
    case bytes
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

  /// Adds the values of the row that was just fetched.
  func appendRow(of statement: UnsafeMutablePointer<MYSQL_STMT>, to values: inout [MySQLValue]) {
    for (index, kind) in kinds.enumerated() {
      if nulls[index] != 0 {
        values.append(.null)
        continue
      }
      switch kind {
      case .integer: values.append(.integer(Int64(bitPattern: numbers[index])))
      case .unsigned: values.append(.unsigned(numbers[index]))
      case .double: values.append(.double(Double(bitPattern: numbers[index])))
      case .dateTime: values.append(.dateTime(MySQLDateTime(times[index])))
      case .text:
        let count = Int(lengths[index])
        let text = String(unsafeUninitializedCapacity: count) { buffer in
          fetch(index, of: statement, into: UnsafeMutableRawBufferPointer(buffer), count: count)
          return count
        }
        values.append(.text(text))
      case .bytes:
        let count = Int(lengths[index])
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
          fetch(index, of: statement, into: UnsafeMutableRawBufferPointer(buffer), count: count)
          initialized = count
        }
        values.append(.bytes(bytes))
      }
    }
  }

  private func fetch(
    _ index: Int, of statement: UnsafeMutablePointer<MYSQL_STMT>,
    into buffer: UnsafeMutableRawBufferPointer, count: Int
  ) {
    guard count > 0 else { return }
    var length: UInt = 0
    var isNull: my_bool = 0
    var isCut: my_bool = 0
    withUnsafeMutablePointer(to: &length) { length in
      withUnsafeMutablePointer(to: &isNull) { isNull in
        withUnsafeMutablePointer(to: &isCut) { isCut in
          var bind = MYSQL_BIND()
          bind.buffer_type = binds[index].buffer_type
          bind.buffer = buffer.baseAddress
          bind.buffer_length = UInt(count)
          bind.length = length
          bind.is_null = isNull
          bind.error = isCut
          mysql_stmt_fetch_column(statement, &bind, UInt32(index), 0)
        }
      }
    }
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
    case .dateTime:
      bind.buffer_type = MYSQL_TYPE_DATETIME
      bind.buffer = UnsafeMutableRawPointer(times + index)
      bind.buffer_length = UInt(MemoryLayout<MYSQL_TIME>.size)
    case .text: bind.buffer_type = MYSQL_TYPE_STRING
    case .bytes: bind.buffer_type = MYSQL_TYPE_BLOB
    }
    bind.length = lengths + index
    bind.is_null = nulls + index
    bind.error = errors + index
    binds[index] = bind
  }

  private static func kind(_ field: MYSQL_FIELD) -> Kind {
    switch field.type {
    case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG,
      MYSQL_TYPE_YEAR:
      field.flags & UInt32(UNSIGNED_FLAG) != 0 ? .unsigned : .integer
    case MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE: .double
    case MYSQL_TYPE_DATETIME, MYSQL_TYPE_TIMESTAMP: .dateTime
    case MYSQL_TYPE_BIT: .bytes
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
