import ClseqBase
import ClseqRuns
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

@Suite struct LogTests {
  // MARK: - CRC32C: vectors of RFC 3720, B.4, and of the Linux kernel's documentation.

  @Test(
    arguments: [
      (Array("123456789".utf8), 0xE306_9283), ([], 0),
      ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
      ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
      ([UInt8](0..<32), 0x46DD_794E), ((0..<32).reversed(), 0x113F_DB5C),
    ] as [([UInt8], UInt32)])
  func checksumsAreCastagnolis(bytes: [UInt8], checksum: UInt32) {
    #expect(CRC32C.checksum(bytes) == checksum)
    for split in bytes.indices {
      var check = CRC32C()
      check.update(Array(bytes[..<split]))
      check.update(Array(bytes[split...]))
      #expect(check.value == checksum)
    }
  }

  // MARK: - TensorBoard

  @Test func eventsAreThoseOfTheReference() throws {
    let folder = try TemporaryFolder()
    let start = Date(timeIntervalSince1970: 1_700_000_000.25)
    let writer = try TensorBoardWriter(directory: folder.path, date: start)
    try writer.append(
      [("loss/train", 2.5), ("validation/NDCG@10", 0.125)], step: 300,
      date: Date(timeIntervalSince1970: 1_700_000_001.5))
    try writer.append(
      [("loss/train", 2.5)], step: 1, date: Date(timeIntervalSince1970: 1_700_000_002))
    let names = try folder.names()
    #expect(names == ["events.out.tfevents.1700000000.clseq.0"])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file(names[0])))
    #expect([UInt8](bytes) == (try Fixture.bytes("scalars.tfevents")))
  }

  @Test func everyProcessOpensANewFile() throws {
    let folder = try TemporaryFolder()
    let date = Date(timeIntervalSince1970: 1_700_000_000)
    _ = try TensorBoardWriter(directory: folder.path, date: date)
    _ = try TensorBoardWriter(directory: folder.path, date: date)
    #expect(try folder.names().count == 2)
    #expect(throws: FileError.self) {
      try TensorBoardWriter(directory: folder.file("missing"), date: date)
    }
  }

  // MARK: - metrics.jsonl

  struct Entry: Codable, Equatable {
    var epoch: Int
    var loss: Double
  }

  @Test func metricsAreALineEach() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    let log = try MetricsLog(path: path)
    try log.append(Entry(epoch: 1, loss: 0.5))
    try log.append(Entry(epoch: 2, loss: .nan))
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == "{\"epoch\":1,\"loss\":0.5}\n{\"epoch\":2,\"loss\":\"NaN\"}\n")
  }

  @Test func resumedLogsLoseWhatIsToComeAgain() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    for (torn, kept) in [("", 2), ("{\"epoch\":", 4)] {
      try? FileManager.default.removeItem(atPath: path)
      do {
        let log = try MetricsLog(path: path)
        for epoch in 1...3 { try log.append(Entry(epoch: epoch, loss: 1)) }
      }
      let old = try Data(contentsOf: URL(fileURLWithPath: path))
      try (old + Data(torn.utf8)).write(to: URL(fileURLWithPath: path))
      try MetricsLog.truncate(path, to: Entry.self) { $0.epoch <= kept }
      try MetricsLog(path: path).append(Entry(epoch: 9, loss: 1))
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      let epochs = try lines.map { try JSONText.decoder.decode(Entry.self, from: Data($0.utf8)) }
        .map(\.epoch)
      #expect(epochs == Array(1...min(kept, 3)) + [9])
    }
    try MetricsLog.truncate(folder.file("missing"), to: Entry.self) { _ in true }
    #expect(try folder.names() == ["metrics.jsonl"])
  }

  // MARK: - Memory

  @Test func peakMemoryIsReadFromTheStatus() {
    let status = "Name:\tx\nVmPeak:\t   90 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 1 kB\n"
    #expect(PeakMemory.residentByteCount(inStatus: status) == 1234 * 1024)
    #expect(PeakMemory.residentByteCount(inStatus: "VmHWM: many kB") == nil)
    #expect(PeakMemory.residentByteCount(inStatus: "") == nil)
  }
}
