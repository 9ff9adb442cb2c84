#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension MySQLRow {
  /// The row as a `Decodable` type, whose properties are columns of the same names.
  ///
  /// A property whose type is neither ``MySQLValueConvertible`` nor has a single value is read as
  /// JSON from its column. A column that is missing is nil of an optional property.
  public func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try Value(from: RowDecoder(row: self))
  }
}

extension MySQLResult {
  /// All rows as a `Decodable` type, as ``MySQLRow`` decodes one; as `Int.self` or the like, the
  /// first column of each.
  public func decode<Value: Decodable>(_ type: Value.Type) throws -> [Value] {
    try map { try $0.decode(type) }
  }

  /// All rows by place, as ``MySQLRow`` decodes a tuple.
  public func decode<
    First: MySQLValueConvertible, Second: MySQLValueConvertible, each Rest: MySQLValueConvertible
  >(
    _ types: (First, Second, repeat each Rest).Type
  ) throws(MySQLError) -> [(First, Second, repeat each Rest)] {
    var rows: [(First, Second, repeat each Rest)] = []
    rows.reserveCapacity(count)
    for row in self { rows.append(try row.decode(types)) }
    return rows
  }
}

/// Gives a row to a type that decodes itself.
private struct RowDecoder: Decoder {
  let row: MySQLRow
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(RowContainer<Key>(row: row))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw MySQLError(code: .unexpectedValue, reason: "a row is read by names, not as a list")
  }
  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    ValueDecoder(row: row, column: 0)
  }
}

/// The columns of a row, by name.
private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let row: MySQLRow
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { row.columns.compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { row.columns.contains(key.stringValue) }
  func decodeNil(forKey key: Key) throws -> Bool { try row.value(key.stringValue) == .null }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    guard let column = row.columns.firstIndex(of: key.stringValue) else {
      // Tells which columns there are.
      _ = try row.value(key.stringValue)
      throw MySQLError.unreadable
    }
    return try ValueDecoder(row: row, column: column).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { throw MySQLError.unreadable }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw MySQLError.unreadable
  }
  func superDecoder() throws -> any Decoder { RowDecoder(row: row) }
  func superDecoder(forKey key: Key) throws -> any Decoder { RowDecoder(row: row) }
}

/// One column, for a type that decodes itself from a single value.
private struct ValueDecoder: Decoder, SingleValueDecodingContainer {
  let row: MySQLRow
  let column: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// What a type throws up that is no single value: it is read as JSON.
  private struct IsDocument: Error {}

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw IsDocument()
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw IsDocument() }
  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { (try? row.value(column)) == .null }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try row.value(column)
    if let convertible = type as? any MySQLValueConvertible.Type {
      guard let converted = convertible.init(mysqlValue: value) as? Value else {
        throw row.mismatch(column, expected: type, found: value)
      }
      return converted
    }
    do {
      return try Value(from: self)
    } catch is IsDocument {
      guard let document = Data(mysqlValue: value) else {
        throw row.mismatch(column, expected: type, found: value)
      }
      do {
        return try JSONDecoder().decode(type, from: document)
      } catch let error as DecodingError {
        throw row.unreadable(column, as: type, error)
      }
    } catch is DecodingError {
      // Of a raw value that is none, which would be quoted.
      throw row.mismatch(column, expected: type, found: value)
    }
  }
}

extension MySQLRow {
  /// The error of a document that is not of its type: where, and nothing of its content.
  fileprivate func unreadable(
    _ column: Int, as type: Any.Type, _ error: DecodingError
  ) -> MySQLError {
    let path =
      switch error {
      case .keyNotFound(let key, let context): context.codingPath + [key]
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .dataCorrupted(let context):
        context.codingPath
      @unknown default: [any CodingKey]()
      }
    let place = path.isEmpty ? "" : " at \(path.map(\.stringValue).joined(separator: "."))"
    return MySQLError(
      code: .unexpectedValue,
      reason: "column \(columns[column]) holds JSON that is no \(type)\(place)")
  }
}

extension MySQLError {
  fileprivate static let unreadable = MySQLError(
    code: .unexpectedValue, reason: "a column has no columns of its own")
}
