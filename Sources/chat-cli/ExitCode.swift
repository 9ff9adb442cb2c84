/// How the program ends.
enum ExitCode: Int32, Sendable {
  case done = 0
  case failed = 1
  case usage = 2
  case unreachable = 3
  case interrupted = 130
}
