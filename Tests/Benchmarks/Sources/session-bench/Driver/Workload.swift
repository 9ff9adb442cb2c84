/// One line of the table: two processes that do the same work.
struct Workload: Sendable {
  enum Budget: Sendable {
    /// The floor's time for an operation, divided by ours.
    case ratio(Double)
    /// Our time for an operation, divided by the floor's: for what has a multiple as its limit.
    case multiple(Double)
  }

  /// `group.what.size`; `--only` selects by its beginning.
  let name: String
  /// Our half: arguments of `session-bench worker`, or a floor program if it begins with `@`.
  let ours: [String]
  /// The other half, as a rule a program among the floors, and its arguments; `{self}` stands for
  /// this program.
  let floor: [String]
  var budget: Budget?
  /// A floor program that both halves need running; `{port}` in their arguments is what it tells.
  var helper: [String] = []
  /// Figures of our process's set-up, by name, that must not be above a limit.
  var limits: [String: Int] = [:]

  /// The part of the name before the first dot.
  var group: Substring { name.prefix { $0 != "." } }
}
