import CMariaDB

/// Owns the memory that the `MYSQL_BIND`s of a statement's parameters point into. It is used again
/// for every run.
final class ParameterBuffers {
  let count: Int
  let binds: UnsafeMutablePointer<MYSQL_BIND>
  private let numbers: UnsafeMutablePointer<UInt64>
  private let times: UnsafeMutablePointer<MYSQL_TIME>
  /// The bytes of all texts, one behind the other.
  private var arena = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  /// What the arena may keep between two runs.
  private static let keptByteCountMax = 65_536

  init(count: Int) {
    self.count = count
    binds = .allocate(capacity: max(count, 1))
    binds.initialize(repeating: MYSQL_BIND(), count: count)
    numbers = .allocate(capacity: max(count, 1))
    numbers.initialize(repeating: 0, count: count)
    times = .allocate(capacity: max(count, 1))
    times.initialize(repeating: MYSQL_TIME(), count: count)
  }

  deinit {
    binds.deallocate()
    numbers.deallocate()
    times.deallocate()
    arena.deallocate()
  }

  /// Sets every parameter. `values` has ``count`` elements.
  func fill(_ values: [MySQLValue]) {
    reserve(values.reduce(0) { $0 + $1.byteCount })
    var used = 0
    for (index, value) in values.enumerated() {
      var bind = MYSQL_BIND()
      switch value {
      case .null:
        bind.buffer_type = MYSQL_TYPE_NULL
      case .integer(let number):
        numbers[index] = UInt64(bitPattern: number)
        setNumber(&bind, index, MYSQL_TYPE_LONGLONG)
      case .unsigned(let number):
        numbers[index] = number
        setNumber(&bind, index, MYSQL_TYPE_LONGLONG)
        bind.is_unsigned = 1
      case .double(let number):
        numbers[index] = number.bitPattern
        setNumber(&bind, index, MYSQL_TYPE_DOUBLE)
      case .text(var text):
        text.withUTF8 { copy(UnsafeRawBufferPointer($0), &bind, MYSQL_TYPE_STRING, &used) }
      case .bytes(let bytes):
        bytes.withUnsafeBytes { copy($0, &bind, MYSQL_TYPE_BLOB, &used) }
      case .dateTime(let time): setTime(&bind, index, MYSQL_TIME(time), MYSQL_TYPE_DATETIME)
      case .date(let date): setTime(&bind, index, MYSQL_TIME(date), MYSQL_TYPE_DATE)
      case .time(let time): setTime(&bind, index, MYSQL_TIME(time), MYSQL_TYPE_TIME)
      case .decimal(let decimal):
        var digits = decimal.description
        digits.withUTF8 {
          copy(UnsafeRawBufferPointer($0), &bind, MYSQL_TYPE_NEWDECIMAL, &used)
        }
      }
      binds[index] = bind
    }
  }

  private func reserve(_ byteCount: Int) {
    guard byteCount > arena.count || arena.count > Self.keptByteCountMax else { return }
    arena.deallocate()
    arena = .allocate(byteCount: max(byteCount, 256), alignment: 1)
  }

  private func setNumber(_ bind: inout MYSQL_BIND, _ index: Int, _ type: enum_field_types) {
    bind.buffer_type = type
    bind.buffer = UnsafeMutableRawPointer(numbers + index)
  }

  private func setTime(
    _ bind: inout MYSQL_BIND, _ index: Int, _ time: MYSQL_TIME, _ type: enum_field_types
  ) {
    times[index] = time
    bind.buffer_type = type
    bind.buffer = UnsafeMutableRawPointer(times + index)
  }

  private func copy(
    _ bytes: UnsafeRawBufferPointer, _ bind: inout MYSQL_BIND, _ type: enum_field_types,
    _ used: inout Int
  ) {
    let target = UnsafeMutableRawBufferPointer(rebasing: arena[used..<used + bytes.count])
    target.copyMemory(from: bytes)
    used += bytes.count
    bind.buffer_type = type
    // Of an empty text the arena's start will do: nothing is read from it.
    bind.buffer = target.baseAddress ?? arena.baseAddress
    bind.buffer_length = UInt(bytes.count)
  }
}

extension MYSQL_TIME {
  fileprivate init(_ time: MySQLDateTime) {
    self.init()
    year = UInt32(clamping: time.year)
    month = UInt32(clamping: time.month)
    day = UInt32(clamping: time.day)
    hour = UInt32(clamping: time.hour)
    minute = UInt32(clamping: time.minute)
    second = UInt32(clamping: time.second)
    second_part = UInt(clamping: time.microsecond)
    time_type = MYSQL_TIMESTAMP_DATETIME
  }

  fileprivate init(_ date: MySQLDate) {
    self.init()
    year = UInt32(clamping: date.year)
    month = UInt32(clamping: date.month)
    day = UInt32(clamping: date.day)
    time_type = MYSQL_TIMESTAMP_DATE
  }

  fileprivate init(_ time: MySQLTime) {
    self.init()
    let total = time.microseconds.magnitude
    neg = time.microseconds < 0 ? 1 : 0
    // The wire has one byte for the hours of a day.
    day = UInt32(clamping: total / 86_400_000_000)
    hour = UInt32(clamping: total / 3_600_000_000 % 24)
    minute = UInt32(clamping: total / 60_000_000 % 60)
    second = UInt32(clamping: total / 1_000_000 % 60)
    second_part = UInt(clamping: total % 1_000_000)
    time_type = MYSQL_TIMESTAMP_TIME
  }
}
