/// What is known of the lines of a journal's file.
struct JournalContents: Sendable {
  /// A line that holds a message, or that cannot be read.
  struct Line: Sendable {
    let range: Range<Int>
    /// Nil for a line that cannot be read.
    let entry: JournalEntry?
    /// Whether something is still to be done about it.
    var isWaiting: Bool
  }

  private(set) var lines: [Line] = []
  /// How many messages of a conversation wait.
  private(set) var waitingCounts: [ConversationID: Int] = [:]
  /// Messages that wait.
  private(set) var depth = 0
  /// Lines that cannot be read.
  private(set) var damagedCount = 0
  /// Bytes of the file up to the end of the last whole line.
  private(set) var byteCount = 0
  /// Whether another file has taken the place of this one.
  private(set) var isReplaced = false
  /// The beginning of the last line: when other bytes stand there, the file is not what it was.
  private(set) var lastHead: [UInt8] = []
  private(set) var lastHeadOffset = 0
  /// The file as of the last look.
  var stamp: FileStamp?
  private var numbers: [MessageID: Int] = [:]
  private var numbersOfThreads: [ConversationID: [Int]] = [:]

  /// Whether nothing is to be done about any line.
  var isSettled: Bool { depth == 0 && damagedCount == 0 }

  /// The entry of a message, also of one that waits no more.
  func entry(of id: MessageID) -> JournalEntry? { numbers[id].flatMap { lines[$0].entry } }

  /// The entries of a conversation that the file holds, in order.
  func entries(of thread: ConversationID) -> [JournalEntry] {
    (numbersOfThreads[thread] ?? []).compactMap { lines[$0].entry }
  }

  /// The entries that wait, of each conversation by itself, in order; conversations in the order of
  /// their first.
  func queues(without held: Set<ConversationID>) -> [[JournalEntry]] {
    var queues: [[JournalEntry]] = []
    var places: [ConversationID: Int] = [:]
    for line in lines where line.isWaiting {
      guard let entry = line.entry, !held.contains(entry.thread) else { continue }
      if let place = places[entry.thread] {
        queues[place].append(entry)
      } else {
        places[entry.thread] = queues.count
        queues.append([entry])
      }
    }
    return queues
  }

  /// Adds lines that were read at ``byteCount``.
  mutating func add(_ new: [(range: Range<Int>, content: JournalLine.Content)], of bytes: [UInt8]) {
    guard let last = new.last else { return }
    let start = byteCount
    for (range, content) in new {
      let range = (start + range.lowerBound)..<(start + range.upperBound)
      isReplaced = false
      switch content {
      case .entry(let entry): add(entry, range)
      case .done(let ids): for id in ids { settle(id) }
      case .replaced: isReplaced = true
      case .damaged:
        damagedCount += 1
        lines.append(Line(range: range, entry: nil, isWaiting: true))
      }
    }
    byteCount = start + last.range.upperBound
    lastHead = Array(bytes[last.range].prefix(JournalLine.headByteCount))
    lastHeadOffset = start + last.range.lowerBound
  }

  private mutating func add(_ entry: JournalEntry, _ range: Range<Int>) {
    // Written twice, it is sent once.
    guard numbers[entry.message.id] == nil else { return }
    numbers[entry.message.id] = lines.count
    numbersOfThreads[entry.thread, default: []].append(lines.count)
    waitingCounts[entry.thread, default: 0] += 1
    depth += 1
    lines.append(Line(range: range, entry: entry, isWaiting: true))
  }

  private mutating func settle(_ id: MessageID) {
    guard let number = numbers[id], lines[number].isWaiting, let entry = lines[number].entry else {
      return
    }
    lines[number].isWaiting = false
    depth -= 1
    let count = waitingCounts[entry.thread, default: 1] - 1
    waitingCounts[entry.thread] = count == 0 ? nil : count
  }
}
