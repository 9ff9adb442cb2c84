import Foundation

/// A process that runs a round whenever it is told to; see `Floors/floor.h` for the protocol.
final class MeasuredProcess {
  /// What it told of itself when it was ready.
  private(set) var figures = Figures("")
  private let name: String
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var unread: [UInt8] = []

  /// Setting up may fill a database; a round takes a second or two.
  private static let patience = Duration.seconds(120)

  init(_ program: String, _ arguments: [String]) throws {
    name = ([(program as NSString).lastPathComponent] + arguments).joined(separator: " ")
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let line = try self.line()
    guard line.hasPrefix("ready") else {
      throw BenchError("\(name) said “\(line)” where it should be ready")
    }
    figures = Figures(line)
  }

  deinit { if process.isRunning { process.terminate() } }

  func round() throws -> Round {
    try begin()
    return try finish()
  }

  /// Lets it run a round.
  func begin() throws { try input.fileHandleForWriting.write(contentsOf: Data("go\n".utf8)) }

  /// Waits for the end of the round.
  func finish() throws -> Round {
    let line = try self.line()
    guard let round = Round(line: line) else {
      throw BenchError("\(name) said “\(line)” where a round should be")
    }
    return round
  }

  /// Lets it end by itself.
  func end() throws {
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchError("\(name) ended with status \(process.terminationStatus)")
    }
  }

  private func line() throws -> String {
    let descriptor = output.fileHandleForReading.fileDescriptor
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread.removeFirst(end + 1) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, Int32(Self.patience.components.seconds * 1000)) > 0 else {
        process.terminate()
        throw BenchError("\(name) did not answer within \(Self.patience)")
      }
      let count = read(descriptor, &bytes, bytes.count)
      guard count > 0 else {
        process.waitUntilExit()
        throw BenchError("\(name) ended early, with status \(process.terminationStatus)")
      }
      unread += bytes[..<count]
    }
  }
}
