// In JSON and other documents these values are their texts.

extension MySQLDate: Codable {
  /// Reads the text of a day.
  public init(from decoder: any Decoder) throws { self = try decodeText(from: decoder) }
  /// Writes the text of the day.
  public func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }
}

extension MySQLDateTime: Codable {
  /// Reads the text of a moment.
  public init(from decoder: any Decoder) throws { self = try decodeText(from: decoder) }
  /// Writes the text of the moment.
  public func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }
}

extension MySQLTime: Codable {
  /// Reads the text of a time.
  public init(from decoder: any Decoder) throws { self = try decodeText(from: decoder) }
  /// Writes the text of the time.
  public func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }
}

extension MySQLDecimal: Codable {
  /// Reads the digits.
  public init(from decoder: any Decoder) throws { self = try decodeText(from: decoder) }
  /// Writes the digits, as a text.
  public func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }
}

private func decodeText<Value: LosslessStringConvertible>(
  from decoder: any Decoder
) throws -> Value {
  let container = try decoder.singleValueContainer()
  guard let value = Value(try container.decode(String.self)) else {
    throw DecodingError.dataCorruptedError(
      in: container, debugDescription: "the text is no \(Value.self)")
  }
  return value
}
