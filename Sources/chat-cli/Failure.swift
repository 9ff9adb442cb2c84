import SessionCore
import TerminalKit

/// What ends a command: one line for a person, and an exit code. Never a secret, never a trace.
struct Failure: Sendable {
  let code: ExitCode
  /// Nil: there is nobody to tell, or nothing to say.
  private let text: (@Sendable (Texts) -> String)?

  init(_ error: any Error) {
    switch error {
    case let error as UsageError:
      code = .usage
      text = { error.message($0.language) }
    case is CancellationError:
      code = .interrupted
      text = nil
    case let error as ArchiveError:
      code = Self.code(of: error)
      text = { $0.archiveFailure(error) }
    case let error as SessionStoreError:
      code = error.code == .scopeFullOfPins || error.code == .tooLarge ? .failed : .unreachable
      text = { $0.storeFailure(error) }
    case let error as JournalError:
      code = .failed
      text = { $0.journalRefuses(error.reason) }
    case let error as FileError:
      code = error.code
      text = { $0.fileFailure(error) }
    case let error as OutputError:
      code = .failed
      if error.isClosedPipe {
        text = nil
      } else {
        text = { $0.outputFailure(Phrase(errno: error.errno)($0.language)) }
      }
    case is EmptyMessage:
      code = .usage
      text = {
        $0.language("un message vide ne peut être envoyé", "an empty message cannot be sent")
      }
    default:
      code = .failed
      text = {
        let reason = $0.language.because("\(error)")
        return $0.language("échec inattendu\(reason)", "unexpected failure\(reason)")
      }
    }
  }

  private static func code(of error: ArchiveError) -> ExitCode {
    switch error.code {
    case .notFound, .invalidCursor, .tooLarge: .usage
    case .unavailable, .refused: .unreachable
    default: .failed
    }
  }

  /// Says it, and returns the exit code.
  func report(to console: Console) async -> ExitCode {
    if let text { await console.fail(text(console.texts)) }
    return code
  }
}
