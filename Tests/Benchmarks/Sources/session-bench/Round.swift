import Glibc

/// What one round of a measured process came to.
struct Round: Sendable {
  var operationCount: Int
  var nanoseconds: UInt64
  /// Of single operations, where they were timed.
  var median: UInt64?
  var percentile99: UInt64?

  var nanosecondsPerOperation: Double { Double(nanoseconds) / Double(max(operationCount, 1)) }
}

extension Round {
  /// A round with the latencies of operations in it, in any order.
  init(operationCount: Int, nanoseconds: UInt64, latencies: [UInt64] = []) {
    self.operationCount = operationCount
    self.nanoseconds = nanoseconds
    if !latencies.isEmpty {
      let sorted = latencies.sorted()
      median = sorted[sorted.count / 2]
      percentile99 = sorted[sorted.count * 99 / 100]
    }
  }

  /// The line that a measured process prints for it; see `Floors/floor.h`.
  var line: String {
    var line = "ops=\(operationCount) ns=\(nanoseconds)"
    if let median, let percentile99 { line += " p50=\(median) p99=\(percentile99)" }
    return line
  }

  /// Reads that line; nil when it is not one.
  init?(line: String) {
    let figures = Figures(line)
    guard let operationCount = figures["ops"], let nanoseconds = figures["ns"] else { return nil }
    self.operationCount = operationCount
    self.nanoseconds = UInt64(nanoseconds)
    median = figures["p50"].map(UInt64.init)
    percentile99 = figures["p99"].map(UInt64.init)
  }
}

/// `name=number` pairs between spaces.
struct Figures: Sendable {
  private(set) var values: [String: Int] = [:]

  init(_ text: some StringProtocol) {
    for word in text.split(separator: " ") {
      let parts = word.split(separator: "=")
      if parts.count == 2, let value = Int(parts[1]) { values[String(parts[0])] = value }
    }
  }

  subscript(name: String) -> Int? { values[name] }
}

/// Clocks, in nanoseconds.
enum Clock {
  /// Time that passes.
  static func wall() -> UInt64 { read(CLOCK_MONOTONIC) }
  /// Processor time of this process.
  static func processor() -> UInt64 { read(CLOCK_PROCESS_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// Memory of this process that is in RAM, in bytes.
func residentBytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [UInt8](repeating: 0, count: 128)
  let count = fread(&line, 1, line.count, file)
  let words = String(decoding: line[..<count], as: UTF8.self).split(separator: " ")
  return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * 4096
}
