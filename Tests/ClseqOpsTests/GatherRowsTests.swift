import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct GatherRowsTests {
  @Test(arguments: TestBackend.allCases, [1, 31, 32, 33, 64, 65])
  func rowsByIndex(_ kind: TestBackend, width: Int) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let values = (0..<5 * width).map(Float.init)
      let x = try backend.tensor(values, [5, width])
      let y = try backend.gatherRows(x, rows: try backend.indices([4, 0, 4]))
      let expected = [4, 0, 4].flatMap { values[$0 * width..<($0 + 1) * width] }
      #expect(try backend.read(y) == expected)
    }
    #expect(backend.bytesInUse == before)
  }
}
