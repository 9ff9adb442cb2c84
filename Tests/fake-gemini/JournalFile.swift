import FakeGemini
import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes what the fake receives, one JSON object a line; a line is whole before the request is
/// answered. Only its owner may read the file.
final class JournalFile: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let file: Locked<Int32>

  init(path: String) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Failure(description: "\(path): \(String(cString: strerror(errno)))")
    }
    file = Locked(descriptor)
  }

  deinit { _ = file.withLock { close($0) } }

  func write(_ event: JournalEvent) {
    let line = Array((Self.json(event).compact + "\n").utf8)
    file.withLock { file in
      var rest = line[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { systemWrite(file, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
  }

  private static func json(_ event: JournalEvent) -> JSONDocument {
    switch event {
    case .arrived(let request):
      let headers = request.request.headers.map {
        JSONMember($0.name.lowercased(), .string($0.value))
      }
      return [
        "event": "request", "number": .integer(Int64(request.number)),
        "at": .integer(request.arrival.time.milliseconds), "method": .string(request.method),
        "target": .string(request.request.target), "headers": .object(headers),
        "body": request.json ?? .string(request.text),
      ]
    case .over(let request):
      let (moment, ending): (Moment?, JSONDocument) =
        if let moment = request.answered {
          (moment, "answered")
        } else if let moment = request.clientClosed {
          (moment, "client-closed")
        } else {
          (request.serverClosed, "server-closed")
        }
      return [
        "event": "end", "number": .integer(Int64(request.number)),
        "at": moment.map { .integer($0.time.milliseconds) } ?? .null,
        "status": request.status.map { .integer(Int64($0)) } ?? .null, "ending": ending,
      ]
    }
  }
}

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}
