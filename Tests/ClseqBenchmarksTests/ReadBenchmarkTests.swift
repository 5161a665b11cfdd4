import ClseqBenchmarks
import ClseqData
import ClseqTestSupport
import Testing

@Suite struct ReadBenchmarkTests {
  @Test func countsWhatItReads() throws {
    let text = "user,item,time\nann,tea,1\nbob,tea,2\nann,jam,3\n"
    let folder = try TemporaryFolder()
    let path = try folder.write(Array(text.utf8), to: "log.csv")
    let report = try ReadBenchmark(path: path).report()
    #expect(report.bytes == text.utf8.count && report.format == .csv)
    #expect(report.events == 3 && report.users == 2 && report.items == 2)
    #expect(report.seconds > 0 && report.megabytesPerSecond > 0)
    #expect(throws: DataError.missingFile(path: folder.file("none"))) {
      try ReadBenchmark(path: folder.file("none")).report()
    }
  }
}
