/// The order of a thread in which another program writes.
///
/// Chainlit writes the steps of a turn at the same time, so their positions tell in which order
/// they arrived. Rows of ours are `ordered`: nothing moves past them. Between two of them, or the
/// ends of the thread, rows stand by their time; of equal times the question comes first, then what
/// was done for it, then its answer. A row's place is the position that stands at its rank there.
enum ArrivalOrder {
  /// How many messages before and after it can make a difference to a row's place.
  static let margin = 5000

  /// What ``Row/init(_:from:_:)`` reads, of a step `s`, its parent `p` and the parent's `q`.
  static let columns = """
    s.position, s.ordered, s.createdAt, CASE WHEN s.type = 'user_message' THEN s.id \
    WHEN p.type = 'user_message' THEN p.id WHEN q.type = 'user_message' THEN q.id ELSE s.id END, \
    CASE WHEN s.type = 'user_message' THEN 0 WHEN s.type = 'assistant_message' THEN 9 \
    WHEN p.type = 'user_message' THEN 1 ELSE 2 END
    """
  static let parents =
    "LEFT JOIN Step p ON p.id = s.parentId LEFT JOIN Step q ON q.id = p.parentId"

  /// How far apart the positions of rows can be, those of all threads counted, of which the later
  /// one arrived first.
  static let distance = 500

  /// Messages read beyond those that are asked for, to see whether they are in order.
  static let lookAhead = 4

  /// Sees, row by row, whether rows stand in order as they arrived.
  struct Watch {
    private(set) var isInOrder = true
    private var last: (isOrdered: Bool, time: Int64?)?
    private let isDescending: Bool

    init(isDescending: Bool) { self.isDescending = isDescending }

    /// How many rows were seen.
    private(set) var count = 0

    mutating func see(isOrdered: Bool, time: MySQLDateTime?) {
      let time = time?.microseconds
      if let last, !isOrdered, !last.isOrdered {
        if let time, let other = last.time, isDescending ? time < other : other < time {
          // As they were said.
        } else {
          isInOrder = false
        }
      }
      last = (isOrdered, time)
      count += 1
    }
  }

  /// A row, where it arrived, and what its place depends on.
  struct Row<Element> {
    let element: Element
    let position: UInt64
    let isOrdered: Bool
    let time: Int64?
    /// The question that it belongs to.
    let family: String
    let depth: Int64

    /// Reads ``ArrivalOrder/columns``, which begin at `column`.
    init(
      _ element: Element, from row: borrowing FetchedRow, _ column: Int
    ) throws(MySQLError) {
      self.element = element
      position = UInt64(try row.integer(column))
      isOrdered = try row.integer(column + 1) != 0
      time = try row.dateTimeOrNil(column + 2)?.microseconds
      family = try row.text(column + 3)
      depth = try row.integer(column + 4)
    }
  }

  /// A row at its place.
  struct Placed<Element> {
    let place: UInt64
    let row: Row<Element>
  }

  /// Rows that come by position, at their places.
  static func placed<Element>(_ rows: [Row<Element>]) -> [Placed<Element>] {
    var placed: [Placed<Element>] = []
    var rest = rows[...]
    while let first = rest.first {
      let run = first.isOrdered ? rest.prefix(1) : rest.prefix { !$0.isOrdered }
      rest = rest.dropFirst(run.count)
      for (row, place) in zip(sorted(run), run) {
        placed.append(Placed(place: place.position, row: row))
      }
    }
    return placed
  }

  private static func sorted<Element>(_ run: ArraySlice<Row<Element>>) -> [Row<Element>] {
    var firstOfFamily: [String: UInt64] = [:]
    var time = Int64.min
    let keyed = run.map { row in
      firstOfFamily[row.family] = min(firstOfFamily[row.family] ?? row.position, row.position)
      time = row.time ?? time
      return (row: row, time: time)
    }
    return keyed.map { row, time in
      (row, (time, firstOfFamily[row.family] ?? 0, row.depth, row.position))
    }.sorted { $0.1 < $1.1 }.map(\.0)
  }
}

extension MySQLConnection {
  /// The steps of a thread that meet `condition` and stand around a position, at their places: up
  /// to `before` of them at or before it, and up to `after` behind it. Two statements. `element`
  /// reads the `columns`.
  func placedSteps<Element>(
    of thread: MySQLValue, where condition: String, _ values: [MySQLValue],
    around position: UInt64, before: Int, after: Int, columns: (list: String, count: Int),
    each element: (borrowing FetchedRow) throws(MySQLError) -> Element
  ) throws -> [ArrivalOrder.Placed<Element>] {
    func rows(_ comparison: String, _ order: String, _ limit: Int) throws
      -> [ArrivalOrder.Row<Element>]
    {
      if limit == 0 { return [] }
      return try query(
        """
        SELECT \(columns.list), \(ArrivalOrder.columns) FROM Step s \(ArrivalOrder.parents)
        JOIN Thread t ON t.id = s.threadId
        WHERE s.threadId = ? AND s.position \(comparison) ? AND \(condition)
        ORDER BY s.position \(order) LIMIT ?
        """, [thread, .unsigned(position)] + values + [.integer(Int64(limit))]
      ) { (row) throws(MySQLError) in
        try ArrivalOrder.Row(try element(row), from: row, columns.count)
      }
    }
    return ArrivalOrder.placed(
      try rows("<=", "DESC", before).reversed() + rows(">", "ASC", after))
  }
}
