public import SessionCore
public import Testing

/// What every archive promises, as rules that can be run on any of them.
///
/// The rules are the arguments of one test: see <doc:CertifyAStoreOfYourOwn>.
public enum ConversationArchiveContract {
  /// One rule: a sentence, and a check of it.
  public struct Rule: Sendable, CustomTestStringConvertible {
    /// The rule.
    public let testDescription: String
    /// Fails the running test if the archive, which is new and empty, breaks the rule. Throws what
    /// the archive throws.
    public let check: @Sendable (any ConversationArchive) async throws -> Void

    init(_ sentence: String, _ check: @escaping @Sendable (Shelf) async throws -> Void) {
      testDescription = sentence
      self.check = { archive in
        let complete = archive as? any CompleteArchive
        try await check(Shelf(archive: complete ?? FaultyArchive(archive, plan: FaultPlan())))
      }
    }
  }

  /// The rules of `ConversationArchive`: what carries turns.
  public static let rules: [Rule] = turnRules + ownerRules + toolRules

  /// The rules of `CompleteArchive`, those of ``rules`` among them.
  public static let everything: [Rule] =
    rules + completeRules + searchRules + annotationRules + portableRules + importRules

  /// Lists, changes, forks and rewinds.
  package static let completeRules: [Rule] =
    strangerRules + listRules + changeRules + forkRules + rewindRules

  private static let toolRules: [Rule] = [
    Rule("T8, T9, T11 Calls of tools, their results and metadata come back as they were") { shelf in
      let user = try shelf.user()
      let messages = ToolTalk.messages(at: Shelf.start)
      for message in messages {
        _ = try await shelf.archive.append(message, to: shelf.thread, of: user)
      }
      #expect(
        try await shelf.archive.newestMessages(in: shelf.thread, of: user, limit: 9) == messages)
    }
  ]
}

/// What a rule works with: an archive, and things to put in it.
struct Shelf: Sendable {
  let archive: any CompleteArchive
  let thread = ConversationID.generate()
  let other = ConversationID.generate()

  static let start = Timestamp(milliseconds: 1_795_390_000_123)

  func user(_ name: String = "Awa") throws -> UserID { try UserID(name) }

  func message(
    _ content: String = "Bonjour", role: Role = .user, at time: Timestamp = Shelf.start
  ) -> Message {
    Message(id: .generate(at: time), role: role, content: content, createdAt: time)
  }

  /// Appends messages with these texts, and returns them.
  @discardableResult
  func say(
    _ contents: [String], in thread: ConversationID? = nil, as name: String = "Awa"
  ) async throws -> [Message] {
    var said: [Message] = []
    for content in contents {
      let message = message(content)
      _ = try await archive.append(message, to: thread ?? self.thread, of: try user(name))
      said.append(message)
    }
    return said
  }

  /// Appends `count` messages in the thread, a second apart, question and answer by turns, and
  /// returns them.
  @discardableResult
  func talk(_ count: Int) async throws -> [Message] {
    let messages = (0..<count).map { index in
      message(
        "\(index)", role: index.isMultiple(of: 2) ? .user : .assistant,
        at: Shelf.start + .seconds(index))
    }
    for message in messages { _ = try await archive.append(message, to: thread, of: try user()) }
    return messages
  }

  /// The code of the ``ArchiveError`` that `body` throws.
  func code(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
  ) async -> ArchiveError.Code? {
    do {
      try await body()
      Issue.record("no error was thrown", sourceLocation: sourceLocation)
    } catch let error as ArchiveError {
      return error.code
    } catch {
      Issue.record("not an ArchiveError: \(error)", sourceLocation: sourceLocation)
    }
    return nil
  }

  /// Every element of a list, read page by page.
  func all<Element>(
    limit: Int, _ page: (PageRequest) async throws -> Page<Element>
  ) async throws -> [Element] {
    var elements: [Element] = []
    var cursor: PageCursor?
    repeat {
      let part = try await page(PageRequest(after: cursor, limit: limit))
      #expect(part.elements.count <= limit)
      elements += part.elements
      cursor = part.next
    } while cursor != nil
    return elements
  }
}
