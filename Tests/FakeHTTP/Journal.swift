package import SessionCore

/// What an observer of a fake is told of.
public enum JournalEvent: Sendable {
  /// A request is there, whole, and not answered yet.
  case arrived(RecordedRequest)
  /// Nothing more will happen to it.
  case over(RecordedRequest)
}

/// What a fake received, in the order of arrival.
package final class Journal: Sendable {
  private struct State: Sendable {
    var requests: [RecordedRequest] = []
    var firstNumber = 1
    var holds: Set<Int> = []
  }

  private let state = Observed(State())
  private let time: any TimeSource
  private let observer: (@Sendable (JournalEvent) -> Void)?

  package init(time: any TimeSource, observer: (@Sendable (JournalEvent) -> Void)? = nil) {
    self.time = time
    self.observer = observer
  }

  package var requests: [RecordedRequest] { state.value.requests }

  /// Forgets all that is over; what is under way stays.
  package func clear() {
    state.update { state in
      state.requests.removeAll(where: \.isOver)
    }
  }

  package func waitForRequests(_ count: Int) async throws -> [RecordedRequest] {
    try await state.wait { $0.requests.count >= count }.requests
  }

  package func waitForHolds(_ count: Int) async throws {
    try await state.wait { $0.holds.count >= count }
  }

  package func wait(
    for count: Int, _ isMeant: @escaping @Sendable (RecordedRequest) -> Bool
  ) async throws -> [RecordedRequest] {
    try await state.wait { $0.requests.count(where: isMeant) >= count }.requests.filter(isMeant)
  }

  private func moment() -> Moment { Moment(time: time.now(), instant: .now) }

  func record(_ request: ReceivedRequest) -> Int {
    let arrival = moment()
    let recorded = state.update { state in
      let recorded = RecordedRequest(
        number: state.firstNumber, request: request.masked, arrival: arrival)
      state.firstNumber += 1
      state.requests.append(recorded)
      return recorded
    }
    observer?(.arrived(recorded))
    return recorded.number
  }

  func began(_ number: Int, status: Int) { _ = change(number) { $0.status = status } }

  func ended(_ number: Int, _ ending: HTTPConnection.Ending) {
    let moment = moment()
    let changed = change(number) { request in
      switch ending {
      case .whole: request.answered = moment
      case .clientLeft: request.clientClosed = moment
      case .serverEnded: request.serverClosed = moment
      }
    }
    if let changed { observer?(.over(changed)) }
  }

  func holds(_ number: Int, _ isHeld: Bool) {
    state.update { state in
      if isHeld { state.holds.insert(number) } else { state.holds.remove(number) }
    }
  }

  private func change(
    _ number: Int, _ change: (inout RecordedRequest) -> Void
  ) -> RecordedRequest? {
    state.update { state in
      guard let index = state.requests.lastIndex(where: { $0.number == number }) else { return nil }
      change(&state.requests[index])
      return state.requests[index]
    }
  }
}

extension ReceivedRequest {
  /// The same with every credential replaced by asterisks.
  var masked: ReceivedRequest {
    var masked = self
    for (index, header) in headers.enumerated() {
      switch header.name.lowercased() {
      case "x-goog-api-key", "cookie": masked.headers[index].value = "***"
      case "authorization":
        let scheme = header.value.prefix { $0 != " " }
        masked.headers[index].value = scheme.count < header.value.count ? "\(scheme) ***" : "***"
      default: break
      }
    }
    if queryValue("key") != nil {
      let items = target.drop { $0 != "?" }.dropFirst().split(separator: "&")
      let shown = items.map { $0.hasPrefix("key=") ? "key=***" : $0 }
      masked.target = path + "?" + shown.joined(separator: "&")
    }
    return masked
  }
}
