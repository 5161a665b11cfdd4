import ClseqBenchmarks
import ClseqOps
import Testing

@Suite struct NamedShapeTests {
  @Test func layoutAndSizesAreRead() throws {
    let shape = try #require(NamedShape("tn:192x64x25600")).shape
    #expect((shape.m, shape.n, shape.k) == (192, 64, 25_600))
    #expect(shape.transposeA && !shape.transposeB)
    #expect(NamedShape("nt:1x2x3")?.shape.transposeB == true)
    #expect(shape.batch == 1)
    #expect(NamedShape("nt:1x2x3x4")?.shape.batch == 4)
  }

  @Test(arguments: [
    "", "nn", "tt:1x2x3", "nn:1x2", "nn:1x2x3x4x5", "nn:0x2x3", "nn:1x-2x3", "nn:axbxc",
  ])
  func whatIsNoShapeIsRefused(_ text: String) {
    #expect(NamedShape(text) == nil)
  }
}
