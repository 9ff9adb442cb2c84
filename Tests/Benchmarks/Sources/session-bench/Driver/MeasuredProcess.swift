import Foundation

/// A process that runs a round whenever it is told to; see `Floors/floor.h` for the protocol.
final class MeasuredProcess {
  /// What it told of itself when it was ready.
  let figures: Figures
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var unread = Data()

  init(_ program: String, _ arguments: [String]) throws {
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let line = try Self.line(from: output, process, &unread)
    guard line.hasPrefix("ready") else {
      throw BenchError("\(program) said “\(line)” where it should be ready")
    }
    figures = Figures(line)
  }

  func round() throws -> Round {
    try input.fileHandleForWriting.write(contentsOf: Data("go\n".utf8))
    let line = try Self.line(from: output, process, &unread)
    guard let round = Round(line: line) else { throw BenchError("not a round: “\(line)”") }
    return round
  }

  /// Lets it end by itself.
  func end() throws {
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchError("a measured process ended with status \(process.terminationStatus)")
    }
  }

  private static func line(
    from output: Pipe, _ process: Process, _ unread: inout Data
  ) throws -> String {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread = Data(unread[(end + 1)...]) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else {
        process.waitUntilExit()
        throw BenchError(
          "\(process.executableURL?.lastPathComponent ?? "a process") "
            + "\((process.arguments ?? []).joined(separator: " ")) "
            + "ended early with status \(process.terminationStatus)")
      }
      unread += more
    }
  }
}
