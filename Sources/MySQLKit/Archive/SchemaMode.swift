/// What an archive may do to the schema of its database.
public struct SchemaMode: Sendable, Hashable, CustomStringConvertible {
  /// The name, as the option `schema` of a URL takes it.
  public let description: String
  private init(_ name: String) { description = name }

  /// Made in an empty database, and brought to the newest version where the tables are the
  /// archive's or Chainlit's. A database of another program is refused.
  public static let automatic = SchemaMode("automatic")
  /// As ``automatic``, and made beside the tables of other programs too.
  public static let besideOthers = SchemaMode("beside-others")
  /// Never made and never changed: a schema that is not the newest is an error.
  public static let verifyOnly = SchemaMode("verify")

  static let all = [automatic, besideOthers, verifyOnly]
}

/// One numbered change of the schema.
public struct SchemaMigration: Sendable, Hashable {
  /// Its number. They are run in this order.
  public let number: Int
  /// What it makes.
  public let name: String
  /// Its statements, each without a semicolon; the last one notes that it was run.
  public let statements: [String]
}

/// How the schema of a database stands.
public struct SchemaStatus: Sendable, Hashable {
  /// The number of the last migration that was run; 0 for none.
  public let version: Int
  /// The migrations to run, with the statements that are to do here.
  public let pending: [SchemaMigration]
  /// What keeps them from being run, a sentence each; nothing is changed while there is one.
  public let obstacles: [String]
}
