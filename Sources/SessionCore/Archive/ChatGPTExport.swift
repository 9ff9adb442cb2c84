#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Reads the `conversations.json` of a ChatGPT data export as records that an archive can take in.
///
/// Of each conversation the branch that was shown last is taken: its messages of text, in order.
/// Ids are the ones of the export, or made from them: reading the same file again gives the same
/// records.
public enum ChatGPTExport {
  /// A file that is not such an export.
  public struct Invalid: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let description: String
  }

  /// The records of all conversations of the file.
  ///
  /// - Complexity: O(the file), in time and memory.
  /// - Throws: ``Invalid``.
  public static func records(of file: Data) throws -> [ArchiveRecord] {
    let conversations: [Conversation]
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      conversations = try decoder.decode([Conversation].self, from: file)
    } catch {
      throw Invalid(description: "this is not a conversations.json of ChatGPT")
    }
    return conversations.flatMap(\.records)
  }

  fileprivate struct Conversation: Decodable {
    let id: String?
    let conversationId: String?
    let title: String?
    let createTime: Double?
    let currentNode: String?
    let mapping: [String: Node]
  }

  fileprivate struct Node: Decodable {
    let message: Content?
    let parent: String?
  }

  fileprivate struct Content: Decodable {
    let id: String?
    let author: Author?
    let createTime: Double?
    let content: Body?
    let metadata: Metadata?
  }

  fileprivate struct Author: Decodable {
    let role: String?
  }

  fileprivate struct Metadata: Decodable {
    let modelSlug: String?
    let isVisuallyHiddenFromConversation: Bool?
  }

  fileprivate struct Body: Decodable {
    let parts: [Part]?
    let text: String?
  }

  /// A piece of a message; pictures and the like are no text.
  fileprivate struct Part: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws {
      text = try? decoder.singleValueContainer().decode(String.self)
    }
  }
}

extension ChatGPTExport.Conversation {
  fileprivate var records: [ArchiveRecord] {
    let name = conversationId ?? id ?? "\(createTime ?? 0) \(title ?? "")"
    let thread = ConversationID(uuid(from: name, in: "conversation"))
    let start = timestamp(createTime) ?? Timestamp(milliseconds: 0)
    let messages = branch.compactMap { $0.message(in: name, startedAt: start) }
    guard !messages.isEmpty else { return [] }
    let title = title.flatMap { ThreadName.suggested(by: $0) }
    let record = ThreadRecord(
      id: thread, name: title, createdAt: start,
      lastActivity: messages.map(\.createdAt).max() ?? start)
    return [.thread(record)]
      + messages.map { .step(StepRecord(thread: thread, id: $0.id, message: $0)) }
  }

  /// The messages from the first to the one shown last.
  private var branch: [ChatGPTExport.Content] {
    var branch: [ChatGPTExport.Content] = []
    var seen: Set<String> = []
    var next = currentNode
    while let id = next, seen.insert(id).inserted, let node = mapping[id] {
      if let message = node.message { branch.append(message) }
      next = node.parent
    }
    return branch.reversed()
  }
}

extension ChatGPTExport.Content {
  fileprivate func message(in conversation: String, startedAt start: Timestamp) -> Message? {
    if metadata?.isVisuallyHiddenFromConversation == true { return nil }
    guard let role = author?.role.flatMap(Role.init(rawValue:)), let id else { return nil }
    let parts = content?.parts?.compactMap(\.text) ?? []
    let text = parts.isEmpty ? content?.text ?? "" : parts.joined(separator: "\n")
    if text.allSatisfy(\.isWhitespace) { return nil }
    let details = AnswerDetails(state: .complete, model: metadata?.modelSlug)
    return Message(
      id: MessageID(uuid(from: id, in: conversation)), role: role, content: text,
      createdAt: timestamp(createTime) ?? start, answer: role == .assistant ? details : nil)
  }
}

private func timestamp(_ seconds: Double?) -> Timestamp? {
  guard let seconds, seconds.isFinite, abs(seconds) < 1e12 else { return nil }
  return Timestamp(milliseconds: Int64((seconds * 1000).rounded()))
}

/// The UUID that `name` is, or one made from it that is always the same (version 8, RFC 9562).
private func uuid(from name: String, in context: String) -> UUID {
  if name.utf8.count == 36, let uuid = UUID(uuidString: name) { return uuid }
  // FNV-1a, twice with different starts: names must differ, not be secret.
  var halves: [UInt64] = [0xcbf2_9ce4_8422_2325, 0x8422_2325_cbf2_9ce4]
  for byte in Array("\(context)\u{0}\(name)".utf8) {
    for half in 0...1 { halves[half] = (halves[half] ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
  }
  var bytes = halves.flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> ($0 * 8)) } }
  bytes[6] = 0x80 | (bytes[6] & 0x0F)
  bytes[8] = 0x80 | (bytes[8] & 0x3F)
  return UUID(
    uuid: (
      bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8],
      bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
    ))
}
