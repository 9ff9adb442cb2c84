#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Cuts a stream of server-sent events into what it carries.
///
/// Takes bytes in any split, looks at each once, and holds one item at most. Lines end with LF,
/// CRLF or CR. Beside the events it finds JSON that stands bare in the stream, which is how some
/// services report an error after the first events; a line of the format never begins with a brace
/// or a bracket. Errors are told apart that come as an event of that name, or on a line of it.
package struct ServerSentEventParser: Sendable {
  /// One thing that the stream carried.
  package enum Item: Sendable, Hashable {
    /// The data of an event; several lines are joined by LF.
    case data([UInt8])
    /// A JSON document outside any event.
    case bareJSON([UInt8])
    /// What stands on a line `error:`, or the data of an event named `error`.
    case error([UInt8])
  }

  /// One item of the stream is longer than was allowed.
  package struct ItemTooLong: Error, Sendable, Hashable {}

  private let byteCountMax: Int
  /// What there is of the present line, or of the bare document.
  private var pending: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  /// Whether the event that is being read is named `error`.
  private var isError = false
  private var bare: BareJSONScanner?
  private var endedWithCarriageReturn = false
  /// Bytes of the mark that have come; nil once the stream has really begun.
  private var byteOrderMarkCount: Int? = 0

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// A parser at the start of a stream.
  ///
  /// - Parameter itemByteCountMax: Bytes that one event or document has at most.
  package init(itemByteCountMax: Int = 16 << 20) { byteCountMax = itemByteCountMax }

  /// Takes the next bytes, and hands out the items that are complete with them.
  ///
  /// - Complexity: O(n) in `bytes`.
  /// - Throws: ``ItemTooLong``, or what `emit` throws; the parser is of no use afterwards.
  package mutating func feed(_ bytes: ArraySlice<UInt8>, _ emit: (Item) throws -> Void) throws {
    try bytes.withUnsafeBufferPointer { bytes in
      var start = skipByteOrderMark(bytes)
      var lines = LineEnds(bytes)
      while start < bytes.count {
        start = try takePart(of: bytes, from: start, &lines, emit)
      }
    }
  }

  /// Takes the end of the stream, and hands out the item that was not closed before it.
  package mutating func finish(_ emit: (Item) throws -> Void) throws {
    if bare != nil {
      try emit(.bareJSON(pending))
    } else {
      try pending.withUnsafeBufferPointer { try endLine($0, emit) }
      try endEvent(emit)
    }
    self = ServerSentEventParser(itemByteCountMax: byteCountMax)
  }

  /// Takes the rest of a line or of a bare document, and returns where it stopped.
  private mutating func takePart(
    of bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ lines: inout LineEnds,
    _ emit: (Item) throws -> Void
  ) throws -> Int {
    if endedWithCarriageReturn {
      endedWithCarriageReturn = false
      if bytes[start] == UInt8(ascii: "\n") { return start + 1 }
    }
    // White space before a document, where no line of the format has any.
    if bare == nil, pending.isEmpty, bytes[start] == 0x20 || bytes[start] == 0x09 {
      return start + 1
    }
    if bare == nil, pending.isEmpty, BareJSONScanner.canBegin(with: bytes[start]) {
      try endEvent(emit)
      bare = BareJSONScanner()
    }
    var end = start
    if bare != nil {
      var isComplete = false
      while end < bytes.count, !isComplete {
        isComplete = bare?.take(bytes[end]) ?? true
        end += 1
      }
      try keep(bytes[start..<end])
      if isComplete {
        bare = nil
        try emit(.bareJSON(pending))
        pending = []
      }
      return end
    }
    end = lines.end(from: start)
    guard end < bytes.count else {
      try keep(bytes[start..<end])
      return end
    }
    endedWithCarriageReturn = bytes[end] == UInt8(ascii: "\r")
    if pending.isEmpty {
      try endLine(UnsafeBufferPointer(rebasing: bytes[start..<end]), emit)
    } else {
      try keep(bytes[start..<end])
      let line = pending
      pending.removeAll(keepingCapacity: true)
      try line.withUnsafeBufferPointer { try endLine($0, emit) }
    }
    return end + 1
  }

  private mutating func endLine(
    _ line: UnsafeBufferPointer<UInt8>, _ emit: (Item) throws -> Void
  ) throws {
    guard !line.isEmpty else { return try endEvent(emit) }
    guard let value = value(of: "data", in: line) else { return try endOtherLine(line, emit) }
    guard data.count + value.count < byteCountMax else { throw ItemTooLong() }
    if hasData { data.append(UInt8(ascii: "\n")) }
    hasData = true
    data.append(contentsOf: UnsafeBufferPointer(rebasing: value))
  }

  private mutating func endOtherLine(
    _ line: UnsafeBufferPointer<UInt8>, _ emit: (Item) throws -> Void
  ) throws {
    if let name = value(of: "event", in: line) {
      isError = name.elementsEqual("error".utf8)
    } else if let words = value(of: "error", in: line), !words.isEmpty {
      try endEvent(emit)
      try emit(.error(Array(words)))
    }
  }

  /// What stands behind the colon of a line called `name`. A name that stands alone has an empty
  /// value. Nil: the line is called otherwise.
  @inline(__always)
  private func value(
    of name: StaticString, in line: UnsafeBufferPointer<UInt8>
  ) -> Slice<UnsafeBufferPointer<UInt8>>? {
    let length = name.utf8CodeUnitCount
    guard let base = line.baseAddress, line.count >= length,
      memcmp(base, name.utf8Start, length) == 0,
      line.count == length || line[length] == UInt8(ascii: ":")
    else { return nil }
    var start = min(length + 1, line.count)
    if start < line.count, line[start] == UInt8(ascii: " ") { start += 1 }
    return line[start...]
  }

  private mutating func endEvent(_ emit: (Item) throws -> Void) throws {
    let isError = isError
    self.isError = false
    guard hasData else { return }
    hasData = false
    try emit(isError ? .error(data) : .data(data))
    // The next event is put together in the same place, if nobody kept this one.
    data.removeAll(keepingCapacity: true)
  }

  private mutating func keep(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) throws {
    guard pending.count + bytes.count <= byteCountMax else { throw ItemTooLong() }
    pending.append(contentsOf: bytes)
  }

  private mutating func skipByteOrderMark(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard var count = byteOrderMarkCount else { return 0 }
    var start = 0
    while start < bytes.count, count < Self.byteOrderMark.count {
      guard bytes[start] == Self.byteOrderMark[count] else {
        pending = Array(Self.byteOrderMark[..<count])
        byteOrderMarkCount = nil
        return start
      }
      count += 1
      start += 1
    }
    byteOrderMarkCount = count < Self.byteOrderMark.count ? count : nil
    return start
  }
}

/// Finds the end of a JSON document by its brackets.
private struct BareJSONScanner: Sendable {
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  static func canBegin(with byte: UInt8) -> Bool {
    byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
  }

  /// Takes one byte. True: it was the last one.
  mutating func take(_ byte: UInt8) -> Bool {
    if isEscaped {
      isEscaped = false
    } else if isInString {
      isEscaped = byte == UInt8(ascii: "\\")
      isInString = byte != UInt8(ascii: "\"")
    } else {
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        return depth == 0
      default: break
      }
    }
    return false
  }
}

/// Finds where lines end, looking at each byte once for LF and once for CR.
private struct LineEnds {
  private let bytes: UnsafeBufferPointer<UInt8>
  /// The first LF behind what was asked for last.
  private var lineFeed = -1

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The LF or CR that ends the line which begins at `start`, or the end of the bytes.
  mutating func end(from start: Int) -> Int {
    if lineFeed < start { lineFeed = first(0x0A, in: start..<bytes.count) }
    return first(0x0D, in: start..<lineFeed)
  }

  private func first(_ byte: Int32, in range: Range<Int>) -> Int {
    guard let base = bytes.baseAddress,
      let found = memchr(base + range.lowerBound, byte, range.count)
    else { return range.upperBound }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }
}
