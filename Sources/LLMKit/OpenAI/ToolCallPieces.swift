import SessionCore

/// Puts calls of tools together from their pieces.
///
/// Services agree on little: a call comes whole or bit by bit; its pieces are told by an index, by
/// an id, by both or by their order alone; some give every call of an answer the index 0, some
/// repeat the id or the name with each piece, some send the whole call once more at the end.
struct ToolCallPieces: Sendable {
  /// What one piece says.
  struct Piece: Sendable {
    var index: Int?
    var id = ""
    var name = ""
    var arguments = ""
  }

  private struct Call {
    var index: Int?
    var id: String
    var name: String
    var arguments: String

    /// Whether the arguments are a whole document, so that nothing can follow.
    var isWhole: Bool { ToolCall(id: id, name: name, arguments: arguments).hasWholeArguments }
  }

  private var parts: [Call] = []

  var isEmpty: Bool { parts.isEmpty }

  /// The calls in the order in which they began, each with an id of its own. One without arguments
  /// is given an empty object.
  var calls: [ToolCall] {
    var ids: Set<String> = []
    return parts.enumerated().map { number, part in
      let isTaken = part.id.isEmpty || !ids.insert(part.id).inserted
      let hasArguments = part.arguments.utf8.contains { $0 > 0x20 }
      return ToolCall(
        id: isTaken ? "call-\(number)" : part.id, name: part.name,
        arguments: hasArguments ? part.arguments : "{}")
    }
  }

  mutating func take(_ piece: Piece) {
    guard let place = place(of: piece), !isOther(piece, than: parts[place]) else {
      let name = piece.name.isEmpty ? parts.last?.name ?? "" : piece.name
      parts.append(
        Call(index: piece.index, id: piece.id, name: name, arguments: piece.arguments))
      return
    }
    if parts[place].id.isEmpty { parts[place].id = piece.id }
    if parts[place].name.isEmpty { parts[place].name = piece.name }
    guard piece.arguments.utf8.contains(where: { $0 > 0x20 }) else { return }
    if parts[place].arguments == "{}" {
      // Stands for nothing yet with those who send an object first and its text behind it.
      parts[place].arguments = piece.arguments
    } else if !parts[place].isWhole {
      parts[place].arguments += piece.arguments
    }
  }

  /// Whether a piece begins another call than the one that its names say.
  private func isOther(_ piece: Piece, than call: Call) -> Bool {
    if !piece.name.isEmpty, !call.name.isEmpty, piece.name != call.name { return true }
    // Nothing can follow what is whole: it comes once more, or is another one.
    return call.arguments != "{}" && call.isWhole
      && piece.arguments.utf8.contains { $0 > 0x20 }
      && Self.document(piece.arguments) != Self.document(call.arguments)
  }

  /// The call that a piece belongs to; nil when it begins one.
  private func place(of piece: Piece) -> Int? {
    if !piece.id.isEmpty {
      if let same = parts.lastIndex(where: { $0.id == piece.id }) {
        // One id for two indices is no id.
        let isOther = piece.index != nil && parts[same].index != nil
        return isOther && parts[same].index != piece.index ? lastPlace(at: piece.index) : same
      }
      // The name may have come before the id.
      guard let place = lastPlace(at: piece.index), parts[place].id.isEmpty,
        !parts[place].isWhole, piece.index != nil || piece.name.isEmpty
      else { return nil }
      return place
    }
    if piece.index != nil { return lastPlace(at: piece.index) }
    guard let last = parts.indices.last else { return nil }
    // A name begins a call, unless it comes with each piece of it.
    return piece.name.isEmpty || piece.name == parts[last].name ? last : nil
  }

  private func lastPlace(at index: Int?) -> Int? {
    index.map { index in parts.lastIndex { $0.index == index } } ?? parts.indices.last
  }

  private static func document(_ text: String) -> JSONValue? {
    try? JSONValue(parsing: Array(text.utf8))
  }
}
