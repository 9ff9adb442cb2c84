/// Where the first key stands among the arguments of a command: it says which node gets it.
enum KeyPlace: Hashable {
  /// It has no key: any node may have it.
  case nowhere
  /// It is the argument of this number; the name has number 0.
  case at(Int)
  /// The argument of this number says how many keys follow it.
  case counted(Int)
  /// It follows the word `STREAMS`.
  case afterStreams

  /// The place for the command `name`, in capitals. What is not known has its key first, as nearly
  /// all commands do.
  init(_ name: String) { self = Self.exceptions[name] ?? .at(1) }

  private static let exceptions: [String: KeyPlace] = {
    let places: [(KeyPlace, String)] = [
      (
        .nowhere,
        """
        ACL ASKING BGREWRITEAOF BGSAVE CLIENT CLUSTER COMMAND CONFIG DBSIZE DISCARD ECHO EXEC
        FAILOVER FLUSHALL FLUSHDB FUNCTION INFO KEYS LASTSAVE LATENCY LOLWUT MODULE MULTI PING
        PUBLISH PUBSUB RANDOMKEY READONLY READWRITE REPLICAOF ROLE SAVE SCAN SCRIPT SENTINEL
        SHUTDOWN SLAVEOF SLOWLOG SWAPDB TIME UNWATCH WAIT WAITAOF
        """
      ),
      (.at(2), "BITOP DEBUG MEMORY OBJECT XGROUP XINFO"), (.at(3), "MIGRATE"),
      (.counted(1), "LMPOP SINTERCARD ZDIFF ZINTER ZINTERCARD ZMPOP ZUNION"),
      (.counted(2), "BLMPOP BZMPOP EVAL EVALSHA EVALSHA_RO EVAL_RO FCALL FCALL_RO"),
      (.afterStreams, "XREAD XREADGROUP"),
    ]
    return places.reduce(into: [:]) { all, entry in
      for name in entry.1.split(whereSeparator: \.isWhitespace) { all[String(name)] = entry.0 }
    }
  }()
}

extension RedisCommand {
  /// The slot of its first key; nil when it has none.
  var slot: Int? { firstKey.map { Slot.of($0) } }

  /// Its first key, by which a cluster knows whose it is. The others must lie in the same slot, and
  /// the server refuses it when they do not.
  var firstKey: ArraySlice<UInt8>? {
    var words = EncodedWords(encoded)
    guard words.next() != nil else { return nil }
    switch KeyPlace(name.uppercased()) {
    case .nowhere: return nil
    case .at(let number): return words.word(number - 1)
    case .counted(let number):
      guard let count = words.word(number - 1),
        let keyCount = Int(String(decoding: count, as: UTF8.self)), keyCount > 0
      else { return nil }
      return words.next()
    case .afterStreams:
      while let word = words.next() {
        if String(decoding: word, as: UTF8.self).uppercased() == "STREAMS" { return words.next() }
      }
      return nil
    }
  }
}

extension RedisCommand {
  /// Its name and its arguments.
  var words: [ArraySlice<UInt8>] { Array(IteratorSequence(EncodedWords(encoded))) }
}

/// The words of a command as ``RESPEncoder`` wrote them.
private struct EncodedWords: IteratorProtocol {
  private var rest: ArraySlice<UInt8>

  init(_ encoded: [UInt8]) {
    rest = encoded[...]
    skipLine()
  }

  /// The one after `count` others.
  mutating func word(_ count: Int) -> ArraySlice<UInt8>? {
    for _ in 0..<count where next() == nil { return nil }
    return next()
  }

  mutating func next() -> ArraySlice<UInt8>? {
    guard let line = skipLine(), let size = Int(String(decoding: line.dropFirst(), as: UTF8.self)),
      rest.count >= size + 2
    else { return nil }
    defer { rest = rest.dropFirst(size + 2) }
    return rest.prefix(size)
  }

  @discardableResult
  private mutating func skipLine() -> ArraySlice<UInt8>? {
    guard let end = rest.firstIndex(of: 13) else { return nil }
    defer { rest = rest[end...].dropFirst(2) }
    return rest[..<end]
  }
}
