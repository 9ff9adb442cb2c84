/// What the archive in memory keeps of an import without knowing what it means.
struct ForeignParts: Sendable {
  var row: ForeignRow?
  var rows: [MessageID: ForeignRow] = [:]
  var elementRows: [ElementID: ForeignRow] = [:]
  var steps: [(messageCount: Int, record: StepRecord)] = []
}

/// One thread of the archive in memory: all its messages in order, and which of them still count.
struct InMemoryThread: Sendable {
  let user: UserID
  private(set) var summary: ThreadSummary
  private(set) var messages: [Message] = []
  /// The indexes in `messages` of those that were not rewound, ascending.
  private var living: [Int] = []
  /// What was noted of it.
  var notes = ThreadNotes()
  /// Its files.
  var elements: [ArchiveElement] = []
  /// What an import told of it beyond what is known here, and steps that are no messages, each with
  /// the count of messages before it: kept for the next export.
  var foreign = ForeignParts()
  /// The judgements of its messages.
  var feedback: [MessageID: Feedback] = [:]

  init(_ id: ConversationID, of user: UserID, beginningAt time: Timestamp, name: String? = nil) {
    self.user = user
    summary = ThreadSummary(
      id: id, name: name, createdAt: time, lastActivity: time, messageCount: 0)
  }

  /// Adds `message` at the end, and returns its index. Restored, it leaves name and last activity.
  mutating func append(_ message: Message, isRestored: Bool = false) -> Int {
    if isRestored {
      living.append(messages.count)
      messages.append(message)
      update(name: summary.name, lastActivity: summary.lastActivity)
      return messages.count - 1
    }
    let firstName = message.role == .user ? ThreadName.suggested(by: message.content) : nil
    living.append(messages.count)
    messages.append(message)
    update(
      name: summary.name ?? firstName,
      lastActivity: max(summary.lastActivity, message.createdAt))
    return messages.count - 1
  }

  /// Marks the last message alone: of an import, where it was rewound before.
  mutating func markLastRewound() {
    living.removeLast()
    update(name: summary.name, lastActivity: summary.lastActivity)
  }

  /// Makes the line of the list what an import says.
  mutating func setSummary(of record: ThreadRecord) {
    summary = ThreadSummary(
      id: summary.id, name: record.name, createdAt: record.createdAt,
      lastActivity: record.lastActivity, messageCount: living.count)
  }

  /// Makes its last activity not earlier than `time`.
  mutating func markActive(at time: Timestamp) {
    update(name: summary.name, lastActivity: max(summary.lastActivity, time))
  }

  mutating func rename(to name: String) {
    update(name: name, lastActivity: summary.lastActivity)
  }

  /// Marks what comes after the message at `index`, and returns how many messages were marked.
  mutating func rewind(to index: Int) -> Int {
    let kept = countOfLiving(through: index)
    let marked = living.count - kept
    living.removeLast(marked)
    update(name: summary.name, lastActivity: summary.lastActivity)
    return marked
  }

  func isLiving(_ index: Int) -> Bool {
    let count = countOfLiving(through: index)
    return count > 0 && living[count - 1] == index
  }

  /// How many messages that were not rewound stand at or before `index`.
  ///
  /// - Complexity: O(log n).
  func countOfLiving(through index: Int) -> Int {
    var low = 0
    var high = living.count
    while low < high {
      let middle = (low + high) / 2
      if living[middle] <= index { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The message before the one at `index`, rewound ones left aside.
  func previous(of index: Int) -> MessageID? {
    let count = countOfLiving(through: index - 1)
    return count == 0 ? nil : messages[living[count - 1]].id
  }

  var last: MessageID? { living.last.map { messages[$0].id } }

  func newest(_ limit: Int) -> [Message] { living.suffix(limit).map { messages[$0] } }

  var current: [Message] { newest(living.count) }

  var rewound: [Message] {
    messages.indices.filter { !isLiving($0) }.map { messages[$0] }
  }

  private mutating func update(name: String?, lastActivity: Timestamp) {
    summary = ThreadSummary(
      id: summary.id, name: name, createdAt: summary.createdAt, lastActivity: lastActivity,
      messageCount: living.count)
  }
}
