extension InMemoryArchive {
  /// Keeps a file in a thread.
  public func attach(
    _ element: ArchiveElement, to thread: ConversationID, of user: UserID
  ) throws {
    let held = try existing(thread, of: user)
    if held.elements.contains(where: { $0.id == element.id }) { return }
    if let message = element.message, self.message(message, in: thread, of: user) == nil {
      throw notFound
    }
    try checkIsFree(element.id)
    threads[thread]?.elements.append(element)
  }

  /// The files of a thread, oldest first, without their content.
  public func elements(
    in thread: ConversationID, of user: UserID
  ) -> [ArchiveElement] {
    (owned(thread, by: user)?.elements ?? []).map { element in
      var element = element
      element.content = nil
      return element
    }
  }

  /// One file, with its content.
  public func element(
    _ id: ElementID, in thread: ConversationID, of user: UserID
  ) -> ArchiveElement? {
    owned(thread, by: user)?.elements.first { $0.id == id }
  }

  func checkIsFree(_ id: ElementID) throws {
    if threads.values.contains(where: { $0.elements.contains { $0.id == id } }) { throw idTaken }
  }
}
