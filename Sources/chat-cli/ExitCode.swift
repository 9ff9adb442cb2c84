/// How the program ends.
enum ExitCode: Int32, Sendable, CaseIterable {
  case done = 0
  case failed = 1
  case usage = 2
  case unreachable = 3
  case interrupted = 130

  var help: Phrase {
    switch self {
    case .done: Phrase("fait", "done")
    case .failed: Phrase("échec", "failed")
    case .usage: Phrase("mauvais usage", "wrong usage")
    case .unreachable: Phrase("serveur injoignable", "server unreachable")
    case .interrupted: Phrase("interrompu", "interrupted")
    }
  }
}
