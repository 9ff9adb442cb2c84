// The server's own words in an error, without what they quote of a statement.

extension MySQLError {
  /// A server's message with the values in it left out: `Duplicate entry '…' for key 'email'`.
  ///
  /// Messages about the schema, the user or the server quote only names, and are kept. In all
  /// others what stands between quotes may come from the statement. A `SIGNAL` of the program's own
  /// may hold anything: nothing of it is shown.
  static func words(_ message: String, errno: UInt32, sqlState: String?) -> String {
    if errno == signalled || sqlState?.hasPrefix("45") == true { return "refused by a SIGNAL" }
    if quotesNamesAlone.contains(errno) { return message }
    let quotes: Set<Character> = ["'", "\""]
    guard let first = message.firstIndex(where: quotes.contains),
      let last = message.lastIndex(where: quotes.contains)
    else { return message }
    let end = lastWords(message, errno)?.startIndex ?? message.index(after: last)
    return "\(message[..<first])'…'\(message[end...])"
  }

  /// The end of a message that names the key, the column or the place, behind the value.
  ///
  /// A value may look like such an end. So it counts only in messages that always have it, when it
  /// is the last one and the message was not cut.
  private static func lastWords(_ message: String, _ errno: UInt32) -> Substring? {
    guard message.utf8.count < wholeByteCountMax else { return nil }
    let end =
      switch errno {
      case 1062, 1586: #/ for key '[^']*'$/#
      case 1292, 1366, 1411: #/ for column ['`][^ ]*['`] at row [0-9]+$/#
      case 1064: #/ at line [0-9]+$/#
      default: #/$^/#
      }
    return message.matches(of: end).last.map { message[$0.range] }
  }

  /// The server cuts its messages at 512 bytes.
  private static let wholeByteCountMax = 480
  private static let signalled: UInt32 = 1644

  private static let quotesNamesAlone: Set<UInt32> = [
    // Who may do what.
    1044, 1045, 1049, 1142, 1143, 1227, 1370, 1410, 1698,
    // Databases, tables, columns, keys, routines.
    1007, 1008, 1048, 1050, 1051, 1052, 1054, 1060, 1061, 1066, 1072, 1091, 1099, 1100, 1109, 1110,
    1136, 1146, 1176, 1191, 1264, 1265, 1304, 1305, 1318, 1356, 1364, 1406, 1451, 1452, 1553, 3819,
    4025,
    // The server's state and limits.
    1021, 1040, 1047, 1053, 1114, 1129, 1130, 1203, 1205, 1206, 1213, 1226, 1290, 1317, 1461, 1665,
    1792, 1836, 1969, 3024,
  ]
}
