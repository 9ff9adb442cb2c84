/// Where messages wait for a database: each has a file of its own, so that what waits for one never
/// goes to another.
enum JournalPlace {
  /// The file of the database behind an address; nil when there is no home to keep it in.
  static func path(of url: String) -> String? {
    StateDirectory.path(of: "journal-\(name(of: url))", environment: ProcessFacts.environment())
  }

  /// A name that says nothing of user and password, and stays the same when they change.
  static func name(of url: String) -> String {
    var address = url[...]
    if let scheme = address.firstRange(of: "://") { address = address[scheme.upperBound...] }
    if let mark = address.lastIndex(of: "@") { address = address[address.index(after: mark)...] }
    address = address.prefix { $0 != "?" && $0 != "#" }
    // FNV-1a: the same in every run and every version, which Swift's own hashing is not.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in address.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
