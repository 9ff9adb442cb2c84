/// What a command does to the connection that carries it, beside answering.
enum CommandUse: Sendable {
  /// Nothing that the next command would notice.
  case free
  /// It begins or ends a transaction, or watches keys.
  case transaction
  /// It waits on the server, and so does everything behind it.
  case waiting
  /// It changes the connection for every later command: its user, database, mode.
  case state
  /// From then on there is not one answer to one command, or not in the protocol that is read here.
  case stream

  /// Compared without upper-casing the name, for every command that is made passes here.
  init(_ name: String, _ arguments: [RedisArgument]) {
    self = .free
    let length = name.utf8.count
    guard length < Self.table.count else { return }
    for (candidate, use) in Self.table[length]
    where zip(candidate.utf8, name.utf8).allSatisfy({ $0 == $1 & 0xDF }) {
      self = use(arguments) ?? .free
      return
    }
  }

  private typealias Rule = @Sendable ([RedisArgument]) -> CommandUse?

  /// Names of each length, with what decides about them.
  private static let table: [[(name: String, rule: Rule)]] = {
    func always(_ use: CommandUse) -> Rule { { _ in use } }
    let rules: [(String, Rule)] = [
      ("MULTI EXEC DISCARD WATCH", always(.transaction)),
      (
        "BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF",
        always(.waiting)
      ),
      ("XREAD XREADGROUP", { $0.contains { $0.isWord("BLOCK") } ? .waiting : .free }),
      ("AUTH SELECT RESET QUIT ASKING READONLY READWRITE REPLCONF", always(.state)),
      ("SCRIPT", { $0.first?.isWord("DEBUG") == true ? .state : .free }),
      (
        "CLIENT",
        { arguments in
          guard let word = arguments.first else { return .free }
          if word.isWord("REPLY") { return .stream }
          return clientStates.contains(where: word.isWord) ? .state : .free
        }
      ),
      ("HELLO", { $0.isEmpty || $0[0] == "2" || $0[0] == 2 ? .state : .stream }),
      (
        """
        MONITOR SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE SYNC PSYNC
        """, always(.stream)
      ),
    ]
    var table: [[(name: String, rule: Rule)]] = []
    for (names, rule) in rules {
      for name in names.split(whereSeparator: \.isWhitespace).map(String.init) {
        while table.count <= name.utf8.count { table.append([]) }
        table[name.utf8.count].append((name, rule))
      }
    }
    return table
  }()

  private static let clientStates = [
    "CACHING", "CAPA", "IMPORT-SOURCE", "NO-EVICT", "NO-TOUCH", "SETINFO", "SETNAME", "TRACKING",
  ]
}

extension RedisArgument {
  /// Whether it is this word, in letters of any size.
  fileprivate func isWord(_ word: String) -> Bool {
    switch self {
    case .text(let text): text.uppercased() == word
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self).uppercased() == word
    case .integer: false
    }
  }
}

extension RedisCommand {
  /// How long it may wait on the server by its own argument; `.zero` if for ever, nil if it does
  /// not wait.
  var waitingTime: Duration? {
    guard use == .waiting else { return nil }
    let words = words
    func seconds(_ position: Int) -> Duration {
      guard words.indices.contains(position),
        let number = Double(String(decoding: words[position], as: UTF8.self)),
        number > 0, number < 1e9
      else { return .zero }
      return .seconds(number)
    }
    switch name.uppercased() {
    case "BLMPOP", "BZMPOP": return seconds(1)
    case "WAIT": return seconds(2) / 1000
    case "WAITAOF": return seconds(3) / 1000
    case "XREAD", "XREADGROUP":
      let block = words.firstIndex { String(decoding: $0, as: UTF8.self).uppercased() == "BLOCK" }
      return seconds((block ?? words.count) + 1) / 1000
    default: return seconds(words.count - 1)
    }
  }
}
