/// What a field of a request may hold, as the protobuf definition of the service says.
indirect enum FieldType: Sendable {
  case string
  case bytes
  case bool
  case int32
  case int64
  case float
  /// An enumeration: its name, and its values in capitals.
  case choice(String, [String])
  case message(MessageType)
  case list(FieldType)
  /// Any names, with values of one type.
  case map(FieldType)
  /// Any JSON object.
  case object
  /// Any JSON.
  case any
}

/// The fields of one message.
///
/// A class, because a message may hold itself: its fields are asked for when they are needed.
final class MessageType: Sendable {
  private let makeFields: @Sendable () -> [String: FieldType]

  init(_ fields: @escaping @autoclosure @Sendable () -> [String: FieldType]) {
    makeFields = fields
  }

  /// The field `name`, in camel case or in snake case, with its name in camel case.
  func field(_ name: String) -> (name: String, type: FieldType)? {
    let fields = makeFields()
    if let type = fields[name] { return (name, type) }
    let camel = Self.camel(name)
    // Only the true snake case counts: `topp` is not `topP`.
    guard camel != name, Self.snake(camel) == name else { return nil }
    return fields[camel].map { (camel, $0) }
  }

  static func snake(_ camel: String) -> String {
    camel.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
  }

  private static func camel(_ snake: String) -> String {
    let words = snake.split(separator: "_", omittingEmptySubsequences: false)
    return words.dropFirst().reduce(into: String(words.first ?? "")) {
      $0 += $1.prefix(1).uppercased() + $1.dropFirst()
    }
  }
}
