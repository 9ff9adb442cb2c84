/// Finds what somebody may have meant.
enum Suggestion {
  /// The candidate that is nearest to `text`, if one is near enough.
  static func nearest(to text: String, among candidates: [String]) -> String? {
    let text = text.lowercased()
    let allowed = max(1, min(3, (text.count + 1) / 3))
    let near = candidates.map { (name: $0, distance: distance(text, $0.lowercased())) }
      .filter { $0.distance <= allowed }
    return near.min { $0.distance < $1.distance }?.name
  }

  /// How many characters have to be added, dropped, changed or swapped with their neighbour to come
  /// from one text to the other.
  static func distance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for row in first.indices {
      var current = [row + 1]
      for column in second.indices {
        let change = last[column] + (first[row] == second[column] ? 0 : 1)
        var best = min(change, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      (beforeLast, last) = (last, current)
    }
    return last[second.count]
  }
}
