#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The files of this package, for tests that read them.
public enum SourceTree {
  /// A text file of the package.
  public struct File: Sendable {
    /// Its path from the root of the package.
    public let path: String
    /// Its text.
    public let text: String

    /// Reads the file at `path`.
    public init(path: String) throws {
      self.path = path
      text = try SourceTree.text(of: path)
    }

    /// Its lines, without their ends.
    public var lines: [Substring] {
      text.split(separator: "\n", omittingEmptySubsequences: false)
    }
  }

  /// The root of the package.
  public static let root = String(#filePath.dropLast("/Tests/TestSupport/SourceTree.swift".count))

  /// The text of one file.
  public static func text(of path: String) throws -> String {
    try String(contentsOfFile: root + "/" + path, encoding: .utf8)
  }

  /// The files in `folders` whose names end with `suffix`, ordered by path.
  public static func files(in folders: [String], suffix: String) throws -> [File] {
    var files: [File] = []
    for folder in folders {
      let paths = try FileManager.default.subpathsOfDirectory(atPath: root + "/" + folder)
      for path in paths.sorted() where path.hasSuffix(suffix) {
        files.append(try File(path: folder + "/" + path))
      }
    }
    return files
  }

  /// Replaces the text of one file.
  public static func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: root + "/" + path))
  }
}
