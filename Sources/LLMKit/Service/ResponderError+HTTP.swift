import SessionCore

extension ResponderError {
  /// What an exchange that did not come to its end means for an answer.
  init(_ error: HTTPError) {
    let code: Code =
      switch error.code {
      case .invalidRequest: .invalidRequest
      case .unreachable, .insecure, .outOfResources: .unreachable
      case .timedOut: .timedOut
      case .connectionLost, .stopped: .cut
      case .tooLarge: .malformedResponse
      }
    self.init(code: code, reason: error.reason)
  }

  /// A reason fit for a person: one line of moderate length without `key`, should the service or
  /// something on the way have repeated it.
  static func reason(_ text: String, without key: Secret?) -> String {
    var line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if let key = key?.revealed, !key.isEmpty {
      line = line.split(separator: key, omittingEmptySubsequences: false).joined(separator: "***")
    }
    let characterCountMax = 300
    return line.count > characterCountMax ? line.prefix(characterCountMax) + "…" : line
  }
}
