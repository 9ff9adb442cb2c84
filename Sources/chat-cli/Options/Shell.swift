/// A shell that completions can be made for.
enum Shell: String, Sendable, Hashable, CaseIterable {
  case bash
  case zsh
  case fish
}
