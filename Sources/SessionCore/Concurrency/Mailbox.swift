/// Hands work from any task to the one thread that does it, in batches, in the order of posting.
///
/// The owner sleeps outside (in `poll`, `curl_multi_poll`); whoever posts is told whether it has to
/// be woken, so that a busy owner costs nobody a system call.
package final class Mailbox<Mail: Sendable>: Sendable {
  @usableFromInline struct State {
    @usableFromInline var mail: [Mail] = []
    @usableFromInline var ownerSleeps = false
    @usableFromInline var isClosed = false
    @usableFromInline init() {}
  }

  @usableFromInline let state = Locked(State())

  /// An open, empty mailbox.
  package init() {}

  /// What became of a posted item.
  package enum Delivery: Sendable {
    /// The owner is awake and will find it.
    case queued
    /// The owner sleeps: the poster must wake it now.
    case queuedWakeOwner
    /// The mailbox is closed; the item was not taken.
    case refused
  }

  /// Adds `item` behind what waits.
  @inlinable
  package func post(_ item: Mail) -> Delivery {
    state.withLock { state in
      if state.isClosed { return .refused }
      state.mail.append(item)
      guard state.ownerSleeps else { return .queued }
      state.ownerSleeps = false
      return .queuedWakeOwner
    }
  }

  /// Moves all that waits into `batch`, which must be empty; its storage is used again.
  @inlinable
  package func take(into batch: inout [Mail]) {
    state.withLock { swap(&$0.mail, &batch) }
  }

  /// Called by the owner before it sleeps. False: mail came in, do not sleep.
  @inlinable
  package func mayOwnerSleep() -> Bool {
    state.withLock { state in
      state.ownerSleeps = state.mail.isEmpty && !state.isClosed
      return state.ownerSleeps
    }
  }

  /// Called by the owner that woke for a reason of its own.
  @inlinable
  package func ownerWoke() {
    state.withLock { $0.ownerSleeps = false }
  }

  /// Refuses mail from now on. True: the owner sleeps and must be woken to see it.
  package func close() -> Bool {
    state.withLock { state in
      state.isClosed = true
      defer { state.ownerSleeps = false }
      return state.ownerSleeps
    }
  }

  /// Whether ``close()`` was called. What was posted before it can still be taken.
  package var isClosed: Bool { state.withLock(\.isClosed) }
}
