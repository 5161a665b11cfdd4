import ClseqBase
import ClseqTestSupport
import Foundation
import Testing

@Suite struct WholeFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(of path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func aFileHasItsNameAtTheEnd() throws {
    let path = folder.file("a")
    let file = try WholeFile(path, whereTaken: .isRefused)
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 19)
    try file.append("begin ")
    try long.withUnsafeBytes { try file.append($0) }
    try file.append(" end")
    #expect(try folder.names() == ["a.partial"])
    try file.finish()
    #expect(try folder.names() == ["a"])
    #expect(try text(of: path) == "begin " + String(decoding: long, as: UTF8.self) + " end")
  }

  @Test func whatIsNotFinishedIsGone() throws {
    do {
      let file = try WholeFile(folder.file("a"), whereTaken: .isReplaced)
      try file.append("half")
    }
    #expect(try folder.names() == [])
  }

  @Test func aNameThatIsTakenIsRefused() throws {
    let path = try folder.write(Array("old".utf8), to: "a")
    #expect(throws: FileError.self) { try WholeFile(path, whereTaken: .isRefused) }
    #expect(try text(of: path) == "old" && folder.names() == ["a"])
  }

  @Test func aNameThatIsTakenMeanwhileIsRefusedAtTheEnd() throws {
    let path = folder.file("a")
    do {
      let file = try WholeFile(path, whereTaken: .isRefused)
      try file.append("new")
      _ = try folder.write(Array("old".utf8), to: "a")
      #expect(throws: FileError.self) { try file.finish() }
    }
    #expect(try text(of: path) == "old" && folder.names() == ["a"])
  }

  @Test func aFileIsReplacedAtTheEnd() throws {
    let path = try folder.write(Array("old".utf8), to: "a")
    let file = try WholeFile(path, whereTaken: .isReplaced)
    try file.append("new")
    #expect(try text(of: path) == "old")
    try file.finish()
    #expect(try text(of: path) == "new")
  }

  @Test func aLinkIsKept() throws {
    let path = try folder.write(Array("older".utf8), to: "a")
    let link = folder.file("b")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    let file = try WholeFile(link, whereTaken: .isReplaced)
    try file.append("new")
    try file.finish()
    #expect(try text(of: path) == "new" && folder.names() == ["a", "b"])
  }

  @Test(arguments: [WholeFile.Taken.isRefused, .isReplaced])
  func aDeviceIsWrittenAsItIs(_ taken: WholeFile.Taken) throws {
    let file = try WholeFile("/dev/null", whereTaken: taken)
    try file.append("new")
    try file.finish()
  }
}
