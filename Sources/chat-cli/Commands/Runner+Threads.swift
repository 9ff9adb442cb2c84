import SessionCore

extension Runner {
  func listSessions() async throws {
    let backends = try await connect(.sessions)
    try await showSessions(backends, current: settings.session)
  }

  /// Prints the warm sessions, and what was found expired.
  func showSessions(_ backends: Backends, current: ConversationID?) async throws {
    let reply = try await backends.service.warmSessions(as: settings.user)
    for removal in reply.removals {
      await console.note(texts.removal(removal, limit: settings.limits.sessionCountMax))
    }
    if settings.isJSON {
      for session in reply.value {
        try await console.answerLine(
          JSONLine.of(SessionObject(session, isCurrent: session.id == current)))
      }
    } else {
      try await console.answerLine(
        texts.sessions(
          reply.value, current: current, tier: backends.sessionTier, limits: settings.limits))
    }
  }

  func listThreads() async throws {
    let backends = try await connect(.archive)
    if let text = settings.search {
      try await search(text, backends)
    } else {
      try await showThreads(backends)
    }
  }

  func showThreads(_ backends: Backends) async throws {
    let page = try await backends.archive.threads(
      of: settings.user, matching: settings.filter,
      page: PageRequest(after: settings.before, limit: settings.threadCountMax))
    if settings.isJSON {
      for thread in page.elements {
        let isLast = thread.id == page.elements.last?.id
        try await console.answerLine(
          JSONLine.of(ThreadObject(thread, next: isLast ? page.next : nil)))
      }
    } else {
      // A number names a thread only in the list of all.
      let isNumbered = settings.before == nil && settings.filter == ThreadFilter()
      try await console.answerLine(
        texts.threads(page.elements, isNumbered: isNumbered, now: .now()))
      if let next = page.next { await console.note(texts.nextPage(next, settings)) }
    }
  }

  /// Prints the threads that hold the words of `text`.
  func search(_ text: String, _ backends: Backends) async throws {
    let page = try await backends.archive.search(
      text, of: settings.user,
      page: PageRequest(after: settings.before, limit: settings.threadCountMax))
    for hit in page.elements {
      let isLast = hit.thread.id == page.elements.last?.thread.id
      if settings.isJSON {
        try await console.answerLine(
          JSONLine.of(SearchObject(hit, next: isLast ? page.next : nil)))
      } else {
        try await console.styledLine(texts.hit(hit, console.mark))
      }
    }
    guard !settings.isJSON else { return }
    if page.elements.isEmpty { try await console.answerLine(texts.nothingFound) }
    if let next = page.next { await console.note(texts.nextPage(next, settings)) }
  }

  func show(_ reference: ThreadReference) async throws {
    let backends = try await connect(.archive)
    let id = try await backends.resolve(reference)
    try await adopt(id, backends)
    let archive = backends.archive
    if !settings.isJSON {
      let thread = try await archive.thread(id, of: settings.user)
      try await console.answerLine(texts.head(thread))
    }
    var cursor: PageCursor?
    // Calls of tools whose results have not been shown yet.
    var open: [ToolCall] = []
    func showInterrupted() async throws {
      for call in open { try await console.answerLine(texts.interrupted(call)) }
      open = []
    }
    repeat {
      let page = try await archive.messages(
        in: id, of: settings.user, page: PageRequest(after: cursor, limit: 100))
      for message in page.elements {
        if settings.isJSON {
          try await console.answerLine(JSONLine.of(MessageObject(message)))
          continue
        }
        if message.role == .user { try await showInterrupted() }
        try await console.answerLine("")
        try await console.message(message)
        open += message.toolCalls
        open.removeAll { $0.id == message.resultOf?.id }
      }
      cursor = page.next
    } while cursor != nil
    try await showInterrupted()
  }

  func rename(_ reference: ThreadReference, to name: String) async throws {
    let backends = try await connect(.archive)
    let id = try await backends.resolve(reference)
    try await rename(id, to: name, backends)
  }

  func rename(_ id: ConversationID, to name: String, _ backends: Backends) async throws {
    let name = try Check.threadName(name)
    try await backends.service.rename(id, as: settings.user, to: name)
    if settings.isJSON {
      try await console.answerLine(JSONLine.of(RenameObject(id: id, name: name)))
    } else {
      await console.note(texts.renamed(id, name))
    }
  }

  func delete(_ reference: ThreadReference) async throws {
    let backends = try await connect(.archive)
    try await delete(try await backends.resolve(reference), backends)
  }

  func delete(_ id: ConversationID, _ backends: Backends) async throws {
    try await adopt(id, backends)
    let counts = try await reporting(in: id) { report in
      try await backends.service.delete(id, as: settings.user, report: report)
    }
    if settings.isJSON {
      try await console.answerLine(JSONLine.of(DeletionObject(id: id, counts)))
    } else {
      await console.note(texts.deleted(id, counts))
    }
  }
}
