import MySQLKit

/// Where messages wait for a database: each has a file of its own, so that what waits for one never
/// goes to another.
enum JournalPlace {
  /// The file of a database, however its address is written; nil when there is no home to keep it
  /// in.
  static func path(of configuration: MySQLConfiguration) -> String? {
    path(ofHash: configuration.databaseIdentity)
  }

  /// The file that an earlier version kept for the address of a database. Nil for an address that
  /// it read otherwise than it was meant: that file may be of any database.
  static func earlierPath(of url: String) -> String? {
    var address = url[...]
    if let scheme = address.firstRange(of: "://") { address = address[scheme.upperBound...] }
    let place = address.prefix { $0 != "?" && $0 != "#" }
    guard !address[place.endIndex...].contains("@") else { return nil }
    return path(ofHash: String(place.split(separator: "@").last ?? place))
  }

  private static func path(ofHash text: String) -> String? {
    // FNV-1a: the same in every run and every version, which Swift's own hashing is not.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    let name = "journal-\(String(repeating: "0", count: 16 - digits.count))\(digits)"
    return StateDirectory.path(of: name, environment: ProcessFacts.environment())
  }
}
