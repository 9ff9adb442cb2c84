import SessionCore

/// Where the warm sessions are.
enum SessionTier: Sendable, Hashable {
  case redis
  case memory
}

extension Texts {
  /// The list of warm sessions: the current one first, the others as they come.
  func sessions(
    _ sessions: [SessionSummary], current: ConversationID?, tier: SessionTier,
    limits: SessionLimits
  ) -> String {
    guard !sessions.isEmpty else {
      return language("Aucune session active pour le moment.", "No active session at the moment.")
    }
    var parts = [title(tier), "\(limit(limits.sessionCountMax))\n\(timeToLive(limits.timeToLive))"]
    let ordered = sessions.filter { $0.id == current } + sessions.filter { $0.id != current }
    for (index, session) in ordered.enumerated() {
      let mark =
        (session.id == current ? language(" ✅ Actuelle", " ✅ Current") : "")
        + (session.isPinned ? " 📌" : "")
      let id = "\(session.id.description.prefix(12))..."
      let left = timeLeft(session.timeLeft)
      parts.append(
        """
        Session \(index + 1)\(mark)
        \(language("- ID : ", "- ID: "))\(id)
        \(language("- Messages : ", "- Messages: "))\(session.messageCount)
        \(language("- Expire dans : ", "- Expires in: "))\(left)
        """)
    }
    return parts.joined(separator: "\n\n")
  }

  private func title(_ tier: SessionTier) -> String {
    switch tier {
    case .redis:
      language("📊 Sessions actives (Backend Redis)", "📊 Active sessions (Redis backend)")
    case .memory: language("📊 Sessions actives (mémoire)", "📊 Active sessions (memory)")
    }
  }

  private func limit(_ count: Int) -> String {
    language(
      "Limite : \(count) " + (count == 1 ? "session" : "sessions simultanées"),
      "Limit: \(count) " + (count == 1 ? "session" : "simultaneous sessions"))
  }

  private func timeToLive(_ duration: Duration) -> String {
    let seconds = duration.components.seconds
    let isWhole = seconds % 60 == 0
    let count = isWhole ? seconds / 60 : seconds
    let plural = count == 1 ? "" : "s"
    let unit = isWhole ? "minute\(plural)" : language("seconde\(plural)", "second\(plural)")
    return language("TTL : \(count) \(unit)", "TTL: \(count) \(unit)")
  }

  private func timeLeft(_ duration: Duration) -> String {
    let minutes = duration.components.seconds / 60
    return minutes < 1 ? "< 1 min" : "\(minutes) min"
  }
}
