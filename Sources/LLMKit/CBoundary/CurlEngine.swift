import CCurl
import SessionCore

/// Runs every HTTP transfer of the process on one thread of its own.
///
/// Transfers share its connections and name look-ups. Any task may start and stop transfers; all
/// else happens on the thread.
package final class CurlEngine: Sendable {
  private enum Command: Sendable {
    case start(HTTPTransfer, HTTPRequest)
    case stop(HTTPTransfer)
    case resume(HTTPTransfer)
    case limit(HTTPTransfer, ContinuousClock.Instant?)
  }

  private static let idleConnectionCountMax = 32

  private let mailbox = Mailbox<Command>()
  private let multi: CurlMulti
  private let thread: DedicatedThread

  /// The engine of the process, or why there is none. Started when first used.
  static let shared = Result<CurlEngine, HTTPError> { () throws(HTTPError) in try CurlEngine() }

  /// Starts an engine with connections of its own.
  package init() throws(HTTPError) {
    guard CurlLibrary.isReady, let raw = curl_multi_init() else {
      throw HTTPError(code: .outOfResources, reason: "libcurl could not be started")
    }
    let multi = CurlMulti(raw: raw)
    // By itself libcurl keeps four for each transfer under way, so few when there is little to do.
    ccurl_multi_setopt_long(raw, CURLMOPT_MAXCONNECTS, Self.idleConnectionCountMax)
    let mailbox = mailbox
    do throws(ThreadError) {
      thread = try DedicatedThread { CurlLoop(multi).run(mailbox) }
    } catch {
      throw HTTPError(code: .outOfResources, reason: error.description)
    }
    self.multi = multi
  }

  deinit { close() }

  /// Begins a transfer. Whatever becomes of it, `transfer` is told its end.
  func start(_ transfer: HTTPTransfer, _ request: HTTPRequest) {
    if !post(.start(transfer, request)) { transfer.finish(.failure(.engineClosed)) }
  }

  /// Ends a transfer, if it is not at its end yet.
  func stop(_ transfer: HTTPTransfer) {
    if !post(.stop(transfer)) { transfer.finish(.failure(.engineClosed)) }
  }

  /// Goes on with a transfer that waited for its reader.
  func resume(_ transfer: HTTPTransfer) {
    _ = post(.resume(transfer))
  }

  /// Gives a transfer this much time for its end, or again as much as its deadlines give: nil.
  func limit(_ transfer: HTTPTransfer, to duration: Duration?) {
    _ = post(.limit(transfer, duration.map { .now + $0 }))
  }

  /// Ends all transfers and the thread. Blocks until they have ended: for tests.
  package func closeAndJoin() {
    close()
    thread.join()
  }

  private func close() {
    if mailbox.close() { multi.wake() }
  }

  private func post(_ command: Command) -> Bool {
    switch mailbox.post(command) {
    case .queued: return true
    case .queuedWakeOwner:
      multi.wake()
      return true
    case .refused: return false
    }
  }

  /// What the thread does.
  private final class CurlLoop {
    private let owner: CurlMulti
    private let multi: UnsafeMutableRawPointer
    private var running: [ObjectIdentifier: CurlEasy] = [:]
    private let clock = ContinuousClock()
    private static let sleepMax = Duration.seconds(60)

    init(_ owner: CurlMulti) {
      self.owner = owner
      multi = owner.raw
    }

    func run(_ mailbox: Mailbox<Command>) {
      var batch: [Command] = []
      while true {
        // Before the mail is taken: what was posted before the closing is still carried out.
        let isClosed = mailbox.isClosed
        mailbox.take(into: &batch)
        for command in batch { carryOut(command) }
        batch.removeAll(keepingCapacity: true)
        if isClosed { break }
        var runningCount: Int32 = 0
        curl_multi_perform(multi, &runningCount)
        for easy in running.values { easy.tellReader() }
        collectFinished()
        let sleep = expireSilent()
        if mailbox.mayOwnerSleep() {
          let milliseconds = min(sleep, Self.sleepMax).wholeMilliseconds + 1
          curl_multi_poll(multi, nil, 0, Int32(milliseconds), nil)
          mailbox.ownerWoke()
        }
      }
      for easy in running.values { end(easy, .failure(.engineClosed)) }
    }

    private func carryOut(_ command: Command) {
      switch command {
      case .start(let transfer, let request):
        do throws(HTTPError) {
          let easy = try CurlEasy(request, transfer, now: clock.now)
          let status = curl_multi_add_handle(multi, easy.raw)
          guard status == CURLM_OK else {
            throw HTTPError(
              code: .outOfResources, reason: String(cString: curl_multi_strerror(status)))
          }
          running[ObjectIdentifier(transfer)] = easy
        } catch {
          transfer.finish(.failure(error))
        }
      case .stop(let transfer):
        if let easy = running[ObjectIdentifier(transfer)] { end(easy, .failure(.stopped)) }
      case .resume(let transfer):
        running[ObjectIdentifier(transfer)]?.resume()
      case .limit(let transfer, let moment):
        running[ObjectIdentifier(transfer)]?.endsBefore = moment
      }
    }

    private func collectFinished() {
      var left: Int32 = 0
      while let message = curl_multi_info_read(multi, &left) {
        guard message.pointee.msg == CURLMSG_DONE, let raw = message.pointee.easy_handle,
          let easy = CurlEasy.owner(of: raw)
        else { continue }
        // Read before the handle is removed, which frees the message.
        let code = message.pointee.data.result
        end(easy, code == CURLE_OK ? .success(()) : .failure(easy.failure(code)))
      }
    }

    private func end(_ easy: CurlEasy, _ result: Result<Void, HTTPError>) {
      running[ObjectIdentifier(easy.transfer)] = nil
      curl_multi_remove_handle(multi, easy.raw)
      easy.transfer.finish(result)
    }

    /// Ends what has been silent for too long, and returns how long none of the rest can be.
    private func expireSilent() -> Duration {
      guard !running.isEmpty else { return Self.sleepMax }
      let now = clock.now
      var next = Self.sleepMax
      for easy in running.values {
        if easy.sawBytes || easy.isPaused {
          easy.sawBytes = false
          easy.silentSince = now
        }
        let deadlines = easy.deadlines
        let limit = easy.hasAnswered ? deadlines.betweenBytes : deadlines.firstByte
        var left = limit - easy.silentSince.duration(to: now)
        if let moment = easy.endsBefore { left = min(left, now.duration(to: moment)) }
        if left > .zero {
          next = min(next, left)
        } else {
          let what = easy.hasAnswered ? "sent nothing more" : "did not answer"
          end(
            easy,
            .failure(HTTPError(code: .timedOut, reason: "the server \(what) within \(limit)")))
        }
      }
      return next
    }
  }
}

/// Owns the `CURLM`: the connections, and what wakes the thread that waits on them.
// Sendable because only `wake` is called from outside the engine's thread, and
// `curl_multi_wakeup` is the one function of libcurl that may be. The last owner to go is the only
// one, whichever thread it is on.
private final class CurlMulti: @unchecked Sendable {
  let raw: UnsafeMutableRawPointer
  init(raw: UnsafeMutableRawPointer) { self.raw = raw }
  deinit { curl_multi_cleanup(raw) }
  func wake() { curl_multi_wakeup(raw) }
}

private enum CurlLibrary {
  /// Sets libcurl up, once in the process.
  static let isReady = ccurl_global_init() == CURLE_OK
}
