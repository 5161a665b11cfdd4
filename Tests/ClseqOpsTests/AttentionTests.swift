import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct AttentionTests {
  /// Head widths around those of vectors and tiles, with and without mask and dropout.
  static let cases: [AttentionCase] = [
    AttentionCase(headWidth: 1, heads: 3, mask: .causal, dropout: 0.2),
    AttentionCase(headWidth: 31, heads: 2, mask: .full, dropout: 0.2),
    AttentionCase(headWidth: 32, heads: 2, mask: .causal, dropout: 0.2),
    AttentionCase(headWidth: 33, heads: 1, mask: .causal, dropout: 0),
    AttentionCase(headWidth: 64, heads: 1, mask: .full, dropout: 0),
    AttentionCase(headWidth: 65, heads: 1, mask: .causal, dropout: 0.2),
    AttentionCase(headWidth: 32, heads: 2, mask: .window(1), dropout: 0),
    AttentionCase(headWidth: 33, heads: 1, mask: .window(50), dropout: 0.2),
    AttentionCase(headWidth: 8, heads: 3, mask: .window(100), dropout: 0.2),
  ]
  static let lengths = [200, 65, 64, 63, 2, 1]

  /// The input is used twice, so that the second gradient is added to the first.
  @Test(arguments: TestBackend.onDevice, cases)
  func deviceAgainstReference(_ kind: TestBackend, _ test: AttentionCase) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    let qkv = test.randomInput(Self.lengths, seed: 1)
    let expected = try test.runTwice(.reference(), qkv, Self.lengths)
    let measured = try test.runTwice(backend, qkv, Self.lengths)
    #expect(largestError(measured.out, expected.out) < Tolerance.sums)
    #expect(largestError(measured.gradient, expected.gradient) < Tolerance.sums)
    #expect(backend.bytesInUse == before)
  }

  /// On a CPU, large batches use one kernel for all gradients, small ones two: the bits must be
  /// equal.
  @Test(arguments: TestBackend.onDevice, [AttentionMask.causal, .window(21)])
  func batchNeverChangesSequence(_ kind: TestBackend, mask: AttentionMask) throws {
    let backend = try kind.make()
    let test = AttentionCase(headWidth: 33, heads: 2, mask: mask, dropout: 0.2)
    let lengths = [97, 40, 17] + [Int](repeating: 3, count: 17)
    let qkv = test.randomInput(lengths, seed: 2)
    let whole = try test.run(backend, qkv, lengths, numbers: lengths.indices.map(Int32.init))
    var row = 0
    for (index, length) in lengths.prefix(4).enumerated() {
      let width = test.heads * test.headWidth
      let rows = row..<row + length
      let part = Array(qkv[rows.lowerBound * 3 * width..<rows.upperBound * 3 * width])
      let alone = try test.run(
        backend, part, [length], numbers: [Int32(index)], firstRow: row)
      #expect(alone.out == Array(whole.out[rows.lowerBound * width..<rows.upperBound * width]))
      #expect(
        alone.gradient
          == Array(whole.gradient[rows.lowerBound * 3 * width..<rows.upperBound * 3 * width]))
      row += length
    }
  }

  @Test(arguments: TestBackend.allCases, [AttentionMask.causal, .window(40)])
  func laterEventNeverChangesEarlierOutput(_ kind: TestBackend, mask: AttentionMask) throws {
    let backend = try kind.make()
    let test = AttentionCase(headWidth: 32, heads: 2, mask: mask, dropout: 0.2)
    let qkv = test.randomInput([130], seed: 3)
    let whole = try test.run(backend, qkv, [130])
    for length in [1, 15, 64, 129] {
      let cut = try test.run(backend, Array(qkv.prefix(length * 3 * 64)), [length])
      #expect(cut.out == Array(whole.out.prefix(length * 64)))
    }
    var other = qkv
    for index in 100 * 3 * 64..<130 * 3 * 64 { other[index] = 3 - other[index] }
    let changed = try test.run(backend, other, [130])
    #expect(changed.out.prefix(100 * 64) == whole.out.prefix(100 * 64))
    #expect(changed.out.suffix(64) != whole.out.suffix(64))
  }

  /// An event before the window changes nothing, one inside it does; a window as long as the sequence is
  /// none.
  @Test(arguments: TestBackend.allCases)
  func windowEndsWhereItShould(_ kind: TestBackend) throws {
    let backend = try kind.make()
    func run(_ values: [Float], _ mask: AttentionMask) throws -> [Float] {
      try AttentionCase(headWidth: 8, heads: 1, mask: mask, dropout: 0).run(backend, values, [120])
        .out
    }
    let qkv = AttentionCase(headWidth: 8, heads: 1, mask: .causal, dropout: 0)
      .randomInput([120], seed: 8)
    let whole = try run(qkv, .window(30))
    var other = qkv
    for index in 60 * 24..<61 * 24 { other[index] = 3 - other[index] }
    let changed = try run(other, .window(30))
    for row in 0..<120 {
      let values = row * 8..<(row + 1) * 8
      #expect((whole[values] == changed[values]) == !(60..<90).contains(row), "row \(row)")
    }
    #expect(largestError(try run(qkv, .window(120)), try run(qkv, .causal)) < Tolerance.sums)
  }

  /// With equal scores and unit vectors as values, channel j of row i is the factor of pair (i, j).
  @Test(arguments: TestBackend.allCases)
  func dropsThePairsThatPhiloxNames(_ kind: TestBackend) throws {
    let (length, heads, width) = (30, 2, 32)
    let test = AttentionCase(headWidth: width, heads: heads, mask: .full, dropout: 0.4)
    var qkv = [Float](repeating: 0, count: length * 3 * heads * width)
    for row in 0..<length {
      for head in 0..<heads { qkv[row * 3 * heads * width + (2 * heads + head) * width + row] = 1 }
    }
    let out = try test.run(try kind.make(), qkv, [length], numbers: [77]).out
    let key = test.layerKey
    var dropped = 0
    for query in 0..<length {
      for head in 0..<heads {
        for keyTime in 0..<length {
          let counter = SIMD4<UInt32>(
            UInt32(keyTime / 4), UInt32(query), 77, key.epoch << 8 | UInt32(head))
          let word = Philox.block(counter, key: key.key)[keyTime % 4]
          let isDropped = word < DropoutRate(test.dropout).threshold
          dropped += isDropped ? 1 : 0
          let value = out[(query * heads + head) * width + keyTime]
          #expect(isDropped ? value == 0 : abs(value * 18 - 1) < 1e-5)
        }
      }
    }
    #expect(dropped > 600 && dropped < 840)
  }

  /// Queries of one sequence that attend to the keys of another sequence of a different length, or
  /// of length 0.
  @Test(arguments: TestBackend.onDevice, [AttentionMask.causal, .full, .window(20)])
  func separateKeys(_ kind: TestBackend, mask: AttentionMask) throws {
    let test = CrossAttentionCase(
      queryLengths: [65, 33, 16, 5, 1, 0, 4], keyLengths: [40, 70, 16, 1, 9, 3, 0], mask: mask)
    let expected = try test.run(.reference())
    let backend = try kind.make()
    let before = backend.bytesInUse
    let measured = try test.run(backend)
    for (array, reference) in zip(measured, expected) {
      #expect(largestError(array, reference) < Tolerance.sums)
    }
    #expect(backend.bytesInUse == before)
  }
}
