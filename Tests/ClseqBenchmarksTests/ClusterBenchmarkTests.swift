import ClseqBenchmarks
import ClseqData
import ClseqTestSupport
import Testing

@Suite struct ClusterBenchmarkTests {
  /// Two groups of points on a line, at 0 and 1 and at 10 and 11.
  @Test func theSumIsThatOfTheBestGroups() throws {
    let folder = try TemporaryFolder()
    let values = (0..<40).map { Float([0, 1, 10, 11][$0 % 4]) }
    let bytes = values.flatMap { value in
      withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }
    let path = try folder.write(NumPyFile.header(rowCount: 40, width: 1) + bytes, to: "v.npy")
    let report = try ClusterBenchmark(try NumPyFile(path: path), count: 2, seed: 1)
      .report(on: try TestBackend.reference.make(), rounds: 2)
    #expect(report.vectors == 40 && report.width == 1 && report.clusters == 2)
    #expect(abs(report.inertia - 10) < 1e-9 && report.seconds > 0)
    #expect(report.secondsLow <= report.seconds && report.seconds <= report.secondsHigh)
  }
}
