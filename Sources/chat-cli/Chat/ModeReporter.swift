import SessionCore

/// Says when a tier goes away or comes back, and what becomes of the messages that waited: lines on
/// the error stream.
actor ModeReporter {
  let console: Console
  private let hub: EventHub
  private let events: SessionEvents
  private var isArchiveAway = false

  /// Stands at the end of what was told so far. No listener is ever told that it missed nothing.
  private static let mark = SessionEvent.missed(count: 0)

  init(_ console: Console, _ hub: EventHub) {
    self.console = console
    self.hub = hub
    events = hub.events()
  }

  /// Tells what happened since the last time.
  func report() async {
    hub.tell(Self.mark)
    var iterator = events.makeAsyncIterator()
    while let event = await iterator.next(), event != Self.mark {
      switch event {
      case .modeChanged(let change): await tell(change)
      case .journalFlushed(let flush): await tell(flush)
      case .journalRepaired: await console.note(texts.journalRepaired)
      default: break
      }
    }
  }

  func archiveIsAway(_ reason: String) async {
    guard !isArchiveAway else { return }
    isArchiveAway = true
    await console.note(texts.archiveIsAway(reason))
  }

  func journalFailed(_ error: JournalError) async {
    await console.note(texts.journalFailed(error.reason))
  }

  func removed(_ removals: [Removal], limit: Int) async {
    for removal in removals { await console.note(texts.removal(removal, limit: limit)) }
  }

  private var texts: Texts { console.texts }

  private func tell(_ change: ModeChange) async {
    switch (change.tier, change.isAvailable) {
    case (.sessionStore, false): await console.note(texts.redisIsAway(change.reason ?? ""))
    case (.sessionStore, true): await console.note(texts.redisIsBack)
    case (.archive, false): await archiveIsAway(change.reason ?? "")
    case (.archive, true):
      isArchiveAway = false
      await console.note(texts.archiveIsBack)
    }
  }

  private func tell(_ flush: JournalFlush) async {
    if flush.sentCount > 0 { await console.note(texts.journalFlushed(flush.sentCount)) }
    for rejection in flush.rejections {
      await console.warn(texts.journalRejected(rejection.reason))
    }
  }
}
