public import Foundation
import SessionCore

extension Process {
  /// Starts one process at a time: two that Foundation starts at once have crashed each other.
  public func start() throws {
    try Self.starting.withLock { _ in try run() }
  }

  private static let starting = Locked(())
}
