import Foundation

/// A file in a folder of its own, removed with the value's last reference.
final class TemporaryFile {
  let path: String
  private let folder: URL

  /// - Parameters:
  ///   - name: The file's name, which may tell its format.
  ///   - bytes: The content; nil makes no file.
  init(_ name: String, bytes: [UInt8]?) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "clseq-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: name)
    path = file.path(percentEncoded: false)
    if let bytes { try Data(bytes).write(to: file) }
  }

  convenience init(_ name: String, _ text: String) throws {
    try self.init(name, bytes: Array(text.utf8))
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func content() throws -> [UInt8] {
    try Array(Data(contentsOf: URL(filePath: path)))
  }
}
