/// Exchanges with servers. All clients of the process share one engine, its connections included.
///
/// TLS certificates are always verified, redirects never followed; the proxies of the environment
/// (`https_proxy`, `no_proxy` …) are used.
package struct HTTPClient: Sendable {
  private let engine: Result<CurlEngine, HTTPError>

  /// A client on the process's engine.
  package init() { engine = CurlEngine.shared }

  /// A client on an engine of its own.
  package init(engine: CurlEngine) { self.engine = .success(engine) }

  /// Sends `request`, and hands the response to `body` with the first bytes of its body, or with
  /// its end.
  ///
  /// When this returns, however it does, the transfer is over. Cancelling the task closes it at
  /// once, also in the middle of the body.
  ///
  /// - Throws: ``HTTPError``, `CancellationError`, or what `body` throws.
  package func withResponse<Value>(
    to request: HTTPRequest, _ body: (HTTPResponse) async throws -> Value
  ) async throws -> Value {
    try Task.checkCancellation()
    let engine = try engine.get()
    let transfer = HTTPTransfer(byteCountMax: request.responseByteCountMax)
    engine.start(transfer, request)
    return try await withTaskCancellationHandler {
      let result: Result<Value, any Error>
      do {
        let head = try await transfer.head()
        result = .success(
          try await body(HTTPResponse(head: head, engine: engine, transfer: transfer)))
      } catch let error as HTTPError where error.code == .stopped {
        result = .failure(CancellationError())
      } catch {
        result = .failure(error)
      }
      if !transfer.isOver {
        engine.stop(transfer)
        await transfer.waitForEnd()
      }
      return try result.get()
    } onCancel: {
      engine.stop(transfer)
    }
  }

  /// Sends `request`, and returns the whole response.
  package func response(to request: HTTPRequest) async throws -> (head: HTTPHead, body: [UInt8]) {
    try await withResponse(to: request) { response in
      (response.head, try await response.wholeBody())
    }
  }
}

/// A response whose body is still coming. One task reads it.
package struct HTTPResponse {
  /// Status and headers.
  package let head: HTTPHead
  let engine: CurlEngine
  let transfer: HTTPTransfer

  /// Waits for more of the body and moves it into `bytes`. False: the body has ended.
  ///
  /// - Throws: ``HTTPError`` when the body did not come to its end.
  package func next(into bytes: inout [UInt8]) async throws(HTTPError) -> Bool {
    var wasPaused = false
    let hasMore = try await transfer.next(into: &bytes, wasPaused: &wasPaused)
    if wasPaused { engine.resume(transfer) }
    return hasMore
  }

  /// What there is of a body that says why there is no answer: its status counts also when it
  /// breaks off.
  package func bodyOfRefusal() async throws(HTTPError) -> [UInt8] {
    let byteCountMax = 1 << 20
    var body: [UInt8] = []
    var piece: [UInt8] = []
    do {
      while body.count < byteCountMax, try await next(into: &piece) { body += piece }
    } catch  where error.code != .stopped {}
    return body
  }

  /// The rest of the body.
  package func wholeBody() async throws(HTTPError) -> [UInt8] {
    var body: [UInt8] = []
    var piece: [UInt8] = []
    while try await next(into: &piece) { body += piece }
    return body
  }
}
