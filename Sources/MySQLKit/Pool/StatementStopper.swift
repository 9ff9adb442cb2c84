import SessionCore

/// Stops statements that run on other connections.
enum StatementStopper {
  /// Asks the server, on a connection of its own, to stop what these connections run. When the
  /// server cannot be asked nothing happens: their connections will be cut instead.
  static func stop(_ serverThreadIDs: [UInt64], _ configuration: MySQLConfiguration) {
    guard !serverThreadIDs.isEmpty else { return }
    var configuration = configuration
    configuration.connectTimeout = min(configuration.connectTimeout, configuration.stopTimeout)
    configuration.readTimeout = configuration.stopTimeout
    configuration.writeTimeout = configuration.stopTimeout
    guard let handle = try? MySQLHandle(configuration) else { return }
    for id in serverThreadIDs {
      _ = try? handle.prepare("KILL QUERY \(id)").run([])
    }
  }
}
