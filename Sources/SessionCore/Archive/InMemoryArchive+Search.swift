extension InMemoryArchive {
  /// The user's threads that hold all the words. O(all texts of the user).
  public func search(
    _ text: String, of user: UserID, page: PageRequest
  ) throws -> Page<SearchHit> {
    let query = try SearchWords(checking: text)
    let hits = (threadsOfUser[user] ?? []).compactMap { threads[$0]?.bestPlace(query) }
    let sorted = hits.sorted { left, right in
      (left.matchCount, left.hit.thread.lastActivity, left.hit.thread.id)
        > (right.matchCount, right.hit.thread.lastActivity, right.hit.thread.id)
    }
    return try part(page, of: sorted.map(\.hit))
  }
}

extension SearchWords {
  /// The words of what a person typed, of which there must be one.
  package init(checking query: String) throws(ArchiveError) {
    self.init(query)
    if words.isEmpty {
      throw ArchiveError(code: .refused, reason: "a search needs a word of letters or digits")
    }
  }
}

extension InMemoryThread {
  /// The place of the thread that holds the words most often; the newest of several.
  fileprivate func bestPlace(_ query: SearchWords) -> (hit: SearchHit, matchCount: Int)? {
    var best: (message: Message?, text: String, count: Int)?
    for message in current {
      guard let count = query.matchCount(in: message.content) else { continue }
      if count >= best?.count ?? 0 { best = (message, message.content, count) }
    }
    if let name = summary.name, let count = query.matchCount(in: name), count > best?.count ?? 0 {
      best = (nil, name, count)
    }
    return best.map { best in
      let hit = SearchHit(
        thread: summary, message: best.message?.id,
        snippet: SearchSnippet(of: best.text, matching: query))
      return (hit, best.count)
    }
  }
}
