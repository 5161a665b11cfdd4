import ClseqBase
import ClseqCommand
import ClseqTraining
import Foundation
import Testing

@Suite struct KernelArchiveTests {
  private static var archive: KernelArchive {
    var archive = KernelArchive()
    archive.files = ["AB/CD/program.bc": Array(0...200), "AB/CD/x/y.so": [], "z": [7]]
    return archive
  }

  @Test func comesBackAsItWas() throws {
    #expect(try #require(KernelArchive(Self.archive.bytes)).files == Self.archive.files)
    #expect(try #require(KernelArchive(KernelArchive().bytes)).files.isEmpty)
    #expect(Self.archive.byteCount == 202)
  }

  @Test func damageIsNoticed() {
    let bytes = Self.archive.bytes
    for count in 0..<bytes.count { #expect(KernelArchive(Array(bytes[..<count])) == nil) }
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << UInt8(bit)
        #expect(KernelArchive(changed) == nil)
      }
    }
  }

  /// Lengths beyond the end, and paths that lead out of the folder, with a right checksum.
  @Test(arguments: [
    Array(repeating: UInt8(0xFF), count: 16), [3] + Array(repeating: 0, count: 15),
    [4, 0, 0, 0, 0, 0, 0, 0] + Array(repeating: 0, count: 8) + Array("../x".utf8),
    [2, 0, 0, 0, 0, 0, 0, 0] + Array(repeating: 0, count: 8) + Array("/x".utf8), [1],
  ])
  func hostileContentIsRefused(_ content: [UInt8]) {
    let body = Array("clseqpk2".utf8) + content
    var hash = ContentHash()
    body.withUnsafeBytes { hash.update($0) }
    #expect(
      KernelArchive(body + withUnsafeBytes(of: hash.value.littleEndian) { Array($0) }) == nil)
  }
}
