import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An archive in memory, and files that are taken in to it.
struct ImportFixture {
  let archive = InMemoryArchive()
  let user: UserID
  let now = Timestamp(milliseconds: 1_800_000_000_000)

  init() throws { user = try UserID("Awa") }

  func take(_ files: String..., as name: String = "Awa", at time: Timestamp? = nil) async throws
    -> ImportReport
  {
    var reading = ArchiveImport(into: archive, of: try UserID(name), at: time ?? now)
    for (index, file) in files.enumerated() {
      reading.begin(file: files.count > 1 ? "\(index + 1).json" : nil)
      try await reading.add(Array(file.utf8))
      try await reading.endFile()
    }
    return try await reading.finish()
  }

  func threads(of name: String = "Awa") async throws -> [ThreadSummary] {
    try await archive.threads(of: UserID(name), page: .init()).elements
      .sorted { ($0.name ?? "") < ($1.name ?? "") }
  }

  /// The texts of all messages, thread by thread.
  func texts(of name: String = "Awa") async throws -> [[String]] {
    try await messages(of: name).map { $0.map { "\($0.role) \($0.content)" } }
  }

  func messages(of name: String = "Awa") async throws -> [[Message]] {
    var all: [[Message]] = []
    for thread in try await threads(of: name) {
      all.append(
        try await archive.newestMessages(in: thread.id, of: UserID(name), limit: 100))
    }
    return all
  }

  static let ids = (1...9).map { "8e1f7616-1b2c-4d5e-8f90-01234567890\($0)" }

  /// A message of a ChatGPT export.
  static func message(
    _ id: String, _ role: String, _ parts: String, time: String = "1767000000.5",
    more: String = ""
  ) -> String {
    """
    {"id":"\(id)","author":{"role":"\(role)"},"create_time":\(time),\
    "content":{"content_type":"text","parts":\(parts)}\(more)}
    """
  }

  /// A conversation of a ChatGPT export whose messages follow one another.
  static func conversation(
    _ id: String, _ title: String, _ messages: [String], current: String? = nil,
    time: String = "1767000000", more: String = ""
  ) -> String {
    var nodes = [
      "\"root\":{\"id\":\"root\",\"message\":null,\"parent\":null,\"children\":[\"n0\"]}"
    ]
    for (index, message) in messages.enumerated() {
      let parent = index == 0 ? "root" : "n\(index - 1)"
      nodes.append(
        "\"n\(index)\":{\"id\":\"n\(index)\",\"message\":\(message),\"parent\":\"\(parent)\"}")
    }
    let current = current ?? "\"n\(messages.count - 1)\""
    return """
      {"title":\(title),"create_time":\(time),"conversation_id":"\(id)","current_node":\(current),\
      "mapping":{\(nodes.joined(separator: ","))}\(more)}
      """
  }
}
