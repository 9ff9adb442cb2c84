import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the system must leave to the program: without it, libraries stop the process somewhere in
/// the middle of its work, or wait for ever.
enum SystemLimits {
  /// Descriptors that a run opens: sockets of all tiers, the loops behind them, files.
  private static let descriptorCount = 48
  /// Bytes of address space: the stacks of the threads, and what the libraries reserve.
  private static let addressByteCount = 512 << 20
  private static let threadCount = 12
  private static let stackByteCount: rlim_t = 256 << 10

  /// The limit that is too narrow, if one is. Asks the system for what will be needed, and gives it
  /// back: less than a millisecond.
  static func tooNarrow() -> Phrase? {
    raiseDescriptors()
    if !hasDescriptors() {
      return Phrase(
        "trop peu de fichiers ouverts permis ; attendu : ulimit -n \(descriptorCount + 16) au moins",
        "too few open files allowed; expected: ulimit -n \(descriptorCount + 16) at least")
    }
    if !hasAddressSpace() || limit(data).map({ $0.rlim_cur < addressByteCount / 4 }) == true {
      return Phrase(
        "trop peu de mémoire permise ; attendu : ulimit -v \(1 << 20) et -d \(1 << 18) au moins",
        "too little memory allowed; expected: ulimit -v \(1 << 20) and -d \(1 << 18) at least")
    }
    if let allowed = limit(stack), allowed.rlim_cur < stackByteCount {
      return Phrase(
        "piles trop petites ; attendu : ulimit -s \(stackByteCount >> 10) au moins",
        "stacks too small; expected: ulimit -s \(stackByteCount >> 10) at least")
    }
    if !hasThreads() {
      return Phrase(
        "trop peu de processus permis ; attendu : \(threadCount) de plus (ulimit -u)",
        "too few processes allowed; expected: \(threadCount) more (ulimit -u)")
    }
    return nil
  }

  /// Takes what is allowed without asking anybody.
  private static func raiseDescriptors() {
    guard var allowed = limit(files), allowed.rlim_cur < 1024 else { return }
    allowed.rlim_cur = min(allowed.rlim_max, 1024)
    setrlimit(files, &allowed)
  }

  private static func hasDescriptors() -> Bool {
    var taken: [Int32] = []
    defer { for descriptor in taken { close(descriptor) } }
    while taken.count < descriptorCount {
      let descriptor = dup(2)
      guard descriptor >= 0 else { return false }
      taken.append(descriptor)
    }
    return true
  }

  private static func hasAddressSpace() -> Bool {
    let memory = mmap(nil, addressByteCount, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard memory != MAP_FAILED else { return false }
    munmap(memory, addressByteCount)
    return true
  }

  private static func hasThreads() -> Bool {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return false }
    let (waitingEnd, openEnd) = (ends[0], ends[1])
    // All wait for this pipe to be closed, so that they exist at the same time.
    var threads: [DedicatedThread] = []
    while threads.count < threadCount {
      let thread = try? DedicatedThread {
        var byte: UInt8 = 0
        _ = read(waitingEnd, &byte, 1)
      }
      guard let thread else { break }
      threads.append(thread)
    }
    close(openEnd)
    for thread in threads { thread.join() }
    close(waitingEnd)
    return threads.count == threadCount
  }

  #if canImport(Glibc)
    private static let files = Int32(RLIMIT_NOFILE.rawValue)
    private static let stack = Int32(RLIMIT_STACK.rawValue)
    private static let data = Int32(RLIMIT_DATA.rawValue)
  #else
    private static let files = RLIMIT_NOFILE
    private static let stack = RLIMIT_STACK
    private static let data = RLIMIT_DATA
  #endif

  private static func limit(_ resource: Int32) -> rlimit? {
    var limit = rlimit()
    return getrlimit(resource, &limit) == 0 ? limit : nil
  }
}
