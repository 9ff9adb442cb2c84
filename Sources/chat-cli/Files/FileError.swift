/// A file that somebody named cannot be used.
struct FileError: Error, Sendable, Hashable {
  let path: String
  let reason: Phrase
  /// Usage, when the wrong file was named.
  let code: ExitCode

  init(_ path: String, _ reason: Phrase, code: ExitCode = .usage) {
    self.path = path
    self.reason = reason
    self.code = code
  }

  /// The system's own reason.
  init(_ path: String, errno: Int32, code: ExitCode = .usage) {
    self.init(path, Phrase(errno: errno), code: code)
  }
}
