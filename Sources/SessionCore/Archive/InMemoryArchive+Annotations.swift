extension InMemoryArchive {
  /// Judges a message, or takes the judgement back.
  public func setFeedback(
    _ feedback: Feedback?, on message: MessageID, in thread: ConversationID, of user: UserID
  ) throws {
    guard self.message(message, in: thread, of: user) != nil else { throw notFound }
    threads[thread]?.feedback[message] = feedback
  }

  /// The judgements in a thread, by message.
  public func feedback(
    in thread: ConversationID, of user: UserID
  ) -> [MessageID: Feedback] {
    owned(thread, by: user)?.feedback ?? [:]
  }

  /// A page of those of a user's threads that `filter` lets through, last activity first.
  public func threads(
    of user: UserID, matching filter: ThreadFilter, page: PageRequest
  ) throws -> Page<ThreadSummary> {
    try threads(of: user, page: page) { thread in
      let isJudged =
        filter.feedback.map { value in thread.feedback.values.contains { $0.value == value } }
      let isTagged =
        filter.tag.map { tag in
          thread.notes.tags.contains { $0.utf8.elementsEqual(tag.utf8) }
        }
      return isJudged ?? true && isTagged ?? true
        && filter.isFavourite ?? thread.notes.isFavourite == thread.notes.isFavourite
    }
  }

  /// What is noted of a thread.
  public func notes(on thread: ConversationID, of user: UserID) throws -> ThreadNotes {
    try existing(thread, of: user).notes
  }

  /// Replaces what is noted of a thread.
  public func setNotes(
    _ notes: ThreadNotes, on thread: ConversationID, of user: UserID
  ) throws {
    _ = try existing(thread, of: user)
    threads[thread]?.notes = notes
  }
}
