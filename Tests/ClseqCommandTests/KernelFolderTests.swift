import ClseqCommand
import ClseqTestSupport
import Foundation
import Testing

/// The folder that processes take over from each other, with what may be left in it.
@Suite struct KernelFolderTests {
  private static var archive: KernelArchive {
    var archive = KernelArchive()
    archive.files = [
      "AB/C/program.bc": Array(0...200), "AB/C/k/1-1-1/k.so": [1, 2, 3], "DE/F/program.bc": [4],
    ]
    return archive
  }

  /// Paths of all files but the lock, with their content.
  private func content(of folder: KernelFolder) throws -> [String: [UInt8]] {
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    var content: [String: [UInt8]] = [:]
    for path in paths ?? [] where path != "lock" {
      content[path] = (try? Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(path)")))
        .map { Array($0) }
    }
    return content
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  @Test func aFolderIsTakenOverWhenItsProcessHasEnded() throws {
    let base = try TemporaryFolder()
    var folders = try (0..<4).map { _ in try KernelFolder.take(in: base.path) }
    #expect(folders.map(\.path) == (0..<4).map { "\(base.path)/folder-\($0)" })
    folders.remove(at: 3)
    folders.remove(at: 1)
    let earlier = base.file("process-1234")
    try FileManager.default.createDirectory(atPath: earlier, withIntermediateDirectories: true)
    #expect(try KernelFolder.take(in: base.path).path == "\(base.path)/folder-1")
    #expect(try base.names() == ["folder-0", "folder-1", "folder-2"], "more than is kept")
    folders.removeAll()
    _ = try KernelFolder.take(in: base.path)
    #expect(try base.names() == ["folder-0", "folder-1"])
  }

  /// What an ended process has left is made right: cut off, changed, longer, unknown, a link.
  @Test func onlyTheArchivesFilesAreFound() throws {
    let base = try TemporaryFolder()
    let folder = try KernelFolder.take(in: base.path)
    try folder.fill(from: Self.archive)
    #expect(try content(of: folder) == Self.archive.files)
    try write(Array(0...100), to: "\(folder.path)/AB/C/program.bc")
    try write([1, 2, 4], to: "\(folder.path)/AB/C/k/1-1-1/k.so")
    try write([4, 5], to: "\(folder.path)/DE/F/program.bc")
    try write([9], to: "\(folder.path)/DE/F/other/2-1-1/other.so")
    try write([9], to: "\(folder.path)/tempfile_x.cl")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/AB/link", withDestinationPath: base.path)
    try folder.fill(from: Self.archive)
    #expect(try content(of: folder) == Self.archive.files)
    #expect(FileManager.default.fileExists(atPath: base.path))
    try folder.fill(from: KernelArchive())
    #expect(try content(of: folder).isEmpty)
  }

  /// pocl touches a file of each program that it looks for.
  @Test func usedProgramsAreThoseThatWereTouched() throws {
    let base = try TemporaryFolder()
    let earlier = "\(base.path)/folder-0/DE/F/last_accessed"
    try write([], to: earlier)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -10)], ofItemAtPath: earlier)

    let folder = try KernelFolder.take(in: base.path)
    try folder.fill(from: Self.archive)
    #expect(try folder.used().files.isEmpty)
    try write([], to: "\(folder.path)/AB/C/last_accessed")
    try write([7], to: "\(folder.path)/AB/C/new/1-1-1/new.so")
    try write([7], to: "\(folder.path)/AB/C/tempfile_y.so")
    var expected = Self.archive.files
    expected["DE/F/program.bc"] = nil
    expected["AB/C/new/1-1-1/new.so"] = [7]
    #expect(try folder.used().files == expected)
  }
}
