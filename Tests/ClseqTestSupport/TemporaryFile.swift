import Foundation

/// A file in a folder of its own, which goes with the value.
package struct TemporaryFile {
  package let path: String
  private let folder: TemporaryFolder

  /// - Parameters:
  ///   - name: The file's name, which may tell its format.
  ///   - bytes: The content; nil makes no file.
  package init(_ name: String, bytes: [UInt8]?) throws {
    folder = try TemporaryFolder()
    path = try bytes.map { [folder] in try folder.write($0, to: name) } ?? folder.file(name)
  }

  package init(_ name: String, _ text: String) throws {
    try self.init(name, bytes: Array(text.utf8))
  }

  /// The names of all files in the folder.
  package func siblings() throws -> [String] {
    try folder.names()
  }

  package func content() throws -> [UInt8] {
    try Array(Data(contentsOf: URL(filePath: path)))
  }
}
