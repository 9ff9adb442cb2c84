import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The forwarding, on the proxy's own thread.
final class FaultProxyLoop {
  private var listener: Int32
  private let port: UInt16
  private let targetPort: UInt16
  private let shared: FaultProxyShared
  private var links: [FaultProxyLink] = []
  private var fault = FaultProxy.Fault.none
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  init(listener: Int32, port: UInt16, targetPort: UInt16, shared: FaultProxyShared) {
    self.listener = listener
    self.port = port
    self.targetPort = targetPort
    self.shared = shared
  }

  func run() {
    while follow() {
      waitForWork()
      accept()
      forward()
      removeClosed()
    }
    for link in links { link.closeBoth() }
    if listener >= 0 { close(listener) }
    shared.update { state in
      state.counts.open = 0
      state.isFinished = true
    }
  }

  /// Carries out what was commanded; false when that is to stop.
  private func follow() -> Bool {
    shared.wakeUp.drain()
    let (fault, commandCount, isStopped) = shared.update { state in
      (state.fault, state.commandCount, state.isStopped)
    }
    if isStopped { return false }
    apply(fault)
    shared.update { $0.commandsDone = max($0.commandsDone, commandCount) }
    return true
  }

  private func apply(_ fault: FaultProxy.Fault) {
    self.fault = fault
    switch fault {
    case .cut:
      cutAll()
      // A cut is a moment, not a state: the next connection is forwarded.
      shared.update { if $0.fault == .cut { $0.fault = .none } }
    case .refuse:
      cutAll()
      if listener >= 0 { close(listener) }
      listener = -1
    case .none, .delay, .blackhole:
      if listener < 0 { listener = (try? LoopbackSocket.listen(port: port)) ?? -1 }
    }
  }

  private func cutAll() {
    for link in links { link.closeBoth() }
    removeClosed()
  }

  private func waitForWork() {
    var polled = [pollfd(fd: shared.wakeUp.readEnd, events: Int16(POLLIN), revents: 0)]
    polled.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
    for link in links { polled += link.pollEntries() }
    let due = links.compactMap(\.nextDue).min()
    let timeout = due.map { max(0, Int32(clamping: ($0 - monotonicNanoseconds()) / 1_000_000 + 1)) }
    // The port may still be held by connections that are ending: the next turn binds it again.
    let isRebinding = listener < 0 && fault != .refuse
    _ = poll(&polled, nfds_t(polled.count), isRebinding ? 10 : timeout ?? -1)
  }

  private func accept() {
    while listener >= 0 {
      let client = systemAccept(listener)
      guard client >= 0 else { return }
      LoopbackSocket.makeNonBlocking(client)
      let target = try? LoopbackSocket.connect(port: targetPort)
      if let target { links.append(FaultProxyLink(client: client, target: target)) }
      if target == nil { close(client) }
      shared.update { state in
        state.counts.accepted += 1
        state.counts.open = links.count
      }
    }
  }

  private func forward() {
    for link in links {
      for direction in FaultProxy.Direction.allCases where !link.isClosed {
        receive(link, direction)
        if !link.isClosed { deliver(link, direction) }
      }
    }
  }

  private func receive(_ link: FaultProxyLink, _ direction: FaultProxy.Direction) {
    while !link.isClosed, link.mayRead(direction) {
      switch link.read(direction, into: &buffer) {
      case .nothing: return
      case .ended:
        if direction == .toTarget { shared.update { $0.counts.closedByClient += 1 } }
        return
      case .bytes(let count): pass(buffer[..<count], on: link, direction)
      }
    }
  }

  /// Takes one piece through the fault that is in force, and the one that begins within it.
  private func pass(
    _ piece: ArraySlice<UInt8>, on link: FaultProxyLink, _ direction: FaultProxy.Direction
  ) {
    let (before, fault, rest) = shared.update {
      state -> (Int, FaultProxy.Fault, FaultProxy.Fault?) in
      guard let trigger = state.trigger, trigger.direction == direction else {
        return (piece.count, state.fault, nil)
      }
      guard piece.count >= trigger.bytesLeft else {
        state.trigger?.bytesLeft -= piece.count
        return (piece.count, state.fault, nil)
      }
      let old = state.fault
      state.fault = trigger.fault
      state.trigger = nil
      return (trigger.bytesLeft, old, trigger.fault)
    }
    hand(piece.prefix(before), fault, link, direction)
    guard let rest else { return }
    if rest == .cut || rest == .refuse {
      deliver(link, direction)
    } else {
      hand(piece.dropFirst(before), rest, link, direction)
    }
    apply(rest)
    shared.update { $0.counts.triggered += 1 }
  }

  private func hand(
    _ piece: ArraySlice<UInt8>, _ fault: FaultProxy.Fault, _ link: FaultProxyLink,
    _ direction: FaultProxy.Direction
  ) {
    switch fault {
    case .blackhole: shared.update { $0.counts.bytesSwallowed += piece.count }
    case .delay(let duration):
      link.queue(
        piece, direction,
        due: monotonicNanoseconds() + duration.wholeMilliseconds * 1_000_000)
    case .none, .cut, .refuse: link.queue(piece, direction, due: 0)
    }
  }

  private func deliver(_ link: FaultProxyLink, _ direction: FaultProxy.Direction) {
    let count = link.write(direction, now: monotonicNanoseconds())
    guard count > 0 else { return }
    shared.update { state in
      if direction == .toTarget {
        state.counts.bytesToTarget += count
      } else {
        state.counts.bytesToClient += count
      }
    }
  }

  private func removeClosed() {
    let before = links.count
    links.removeAll { link in
      link.closeIfDone()
      return link.isClosed
    }
    if links.count != before { shared.update { $0.counts.open = links.count } }
  }
}

private func systemAccept(_ listener: Int32) -> Int32 { accept(listener, nil, nil) }

/// A clock that never steps, in nanoseconds.
func monotonicNanoseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
