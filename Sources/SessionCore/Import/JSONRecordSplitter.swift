/// Cuts a stream of bytes into the JSON records in it, one at a time: the elements of a list, the
/// lines of JSON Lines, or documents that follow one another.
///
/// It holds the record that it is in, and nothing else, however long the stream or its lines. It
/// looks at brackets and strings alone; whether a record is JSON is its reader's affair. A record
/// that is cut or broken costs itself: the next one is found again at the beginning of a line.
package struct JSONRecordSplitter: Sendable {
  /// A record, or what stands where one should.
  package struct Piece: Sendable {
    package enum Kind: Sendable, Hashable {
      /// Its brackets are balanced.
      case whole
      /// No object or list: a bare value, or no JSON at all.
      case bare
      /// It ends in the middle.
      case cut
      /// Longer than the splitter takes; its bytes are left out.
      case tooLong
      /// The end of a list: what comes next belongs to another one.
      case endOfList
    }

    package let kind: Kind
    package let bytes: [UInt8]
    /// The line that it begins in, from 1.
    package let line: Int
    /// Which record of the stream it is, from 1.
    package let number: Int
  }

  private let byteCountMax: Int
  private var record: [UInt8] = []
  /// Brackets that are open in the record.
  private var depth = 0
  private var isInRecord = false
  private var isBare = false
  private var isTooLong = false
  private var isInString = false
  private var isEscaped = false
  private var isInList = false
  /// Whether records were seen to stand on lines of their own.
  private var hasLines = false
  private var line = 1
  private var number = 0
  private var recordLine = 1
  private var column = 0
  private var recordColumn = 0
  /// Whether a record ended in this line that began at its first byte.
  private var mayEndLine = false
  private var pieces: [Piece] = []

  /// - Parameter byteCountMax: Longer records are left out, and told.
  package init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

  /// Takes the next bytes, and returns the records that are whole now.
  package mutating func feed(_ bytes: [UInt8]) -> [Piece] {
    bytes.withUnsafeBufferPointer { read($0) }
    defer { pieces = [] }
    return pieces
  }

  /// Takes the end of the stream, and returns what stood before it.
  ///
  /// A record that never ends has swallowed all that came after it: it is looked through once more
  /// from the next line that begins as a record does.
  package mutating func finish() -> [Piece] {
    while isInRecord {
      let bytes = record
      let next = isBare || isTooLong ? nil : Self.nextRecord(in: bytes)
      if let next {
        record = Array(bytes[..<next])
        line = recordLine + record.count { $0 == 0x0A }
      }
      endRecord(isBare ? .bare : .cut)
      guard let next else { break }
      column = 0
      hasLines = true
      Array(bytes[next...]).withUnsafeBufferPointer { read($0) }
    }
    defer { pieces = [] }
    return pieces
  }

  private static func nextRecord(in bytes: [UInt8]) -> Int? {
    bytes.indices.dropFirst().first { bytes[$0] == UInt8(ascii: "{") && bytes[$0 - 1] == 0x0A }
  }

  private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
    var index = 0
    // Where the part of the record begins that is not in `record` yet.
    var start = 0
    while index < bytes.count {
      guard isInRecord else {
        begin(with: bytes[index])
        if isInRecord { start = index }
        index += 1
        continue
      }
      if isEscaped {
        isEscaped = false
        step(over: bytes[index])
        index += 1
        continue
      }
      if column == 0, bytes[index] == UInt8(ascii: "{"), isOver(at: index, in: bytes) {
        append(bytes[start..<index])
        endRecord(.cut)
        continue
      }
      if isInString {
        let next = bytes.firstInString(from: index)
        column += next - index
        index = next
        if index == bytes.count { break }
      }
      let byte = bytes[index]
      let isEnd = takes(byte)
      if isEnd, isBare {
        // What ends a bare value is not part of it.
        append(bytes[start..<index])
        endRecord(.bare)
        continue
      }
      step(over: byte)
      index += 1
      if isEnd {
        append(bytes[start..<index])
        mayEndLine = recordColumn == 0 && recordLine == line
        endRecord(.whole)
      }
    }
    if isInRecord { append(bytes[start...]) }
  }

  /// Looks at a byte between two records.
  private mutating func begin(with byte: UInt8) {
    defer { step(over: byte) }
    switch byte {
    case 0x0A:
      if mayEndLine { hasLines = true }
      mayEndLine = false
    // Also a mark of the byte order, wherever files were joined, and the padding of a crash.
    case 0x20, 0x09, 0x0D, 0x0B, 0x0C, 0x00, 0xEF, 0xBB, 0xBF, UInt8(ascii: ","): break
    case UInt8(ascii: "[") where !isInList: isInList = true
    case UInt8(ascii: "]") where isInList:
      isInList = false
      pieces.append(Piece(kind: .endOfList, bytes: [], line: line, number: number))
    default:
      number += 1
      isInRecord = true
      recordLine = line
      recordColumn = column
      mayEndLine = false
      isBare = byte != UInt8(ascii: "{") && byte != UInt8(ascii: "[")
      isInString = byte == UInt8(ascii: "\"")
      depth = isBare ? 0 : 1
    }
  }

  /// Takes a byte of a record, and says whether the record ends: with it, or before it when it is a
  /// bare one.
  private mutating func takes(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x0A where isBare: return true
    case UInt8(ascii: "\\") where isInString: isEscaped = true
    case UInt8(ascii: "\""): isInString.toggle()
    case _ where isInString: break
    case UInt8(ascii: "{") where !isBare, UInt8(ascii: "[") where !isBare: depth += 1
    case UInt8(ascii: "}") where !isBare, UInt8(ascii: "]") where !isBare:
      depth -= 1
      return depth == 0
    case UInt8(ascii: ",") where isBare, UInt8(ascii: "]") where isBare: return isInList
    default: break
    }
    return false
  }

  /// Whether a `{` at the beginning of a line begins a new record, for the one before was cut: a
  /// string holds no line break, and records that stand on lines of their own end with them.
  private func isOver(at index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard recordLine < line, !isBare else { return false }
    return hasLines
      || (isInString && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\""))
  }

  private mutating func step(over byte: UInt8) {
    if byte == 0x0A {
      line += 1
      column = 0
    } else {
      column += 1
    }
  }

  private mutating func append(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
    guard !isTooLong else { return }
    record.append(contentsOf: bytes)
    if record.count > byteCountMax {
      isTooLong = true
      record = []
    }
  }

  private mutating func endRecord(_ kind: Piece.Kind) {
    pieces.append(
      Piece(kind: isTooLong ? .tooLong : kind, bytes: record, line: recordLine, number: number))
    record = []
    (isInRecord, isInString, isEscaped, isTooLong, depth) = (false, false, false, false, 0)
  }
}
