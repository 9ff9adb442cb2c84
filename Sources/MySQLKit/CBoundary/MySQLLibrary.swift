import CMariaDB

/// Sets the library up, once in a process and before its first use from any thread.
enum MySQLLibrary {
  /// False when the library cannot be used at all.
  static let isReady = mysql_server_init(0, nil, nil) == 0

  /// Frees what the library keeps for the calling thread; the last thing a thread does with it.
  static func leaveThread() { mysql_thread_end() }
}
