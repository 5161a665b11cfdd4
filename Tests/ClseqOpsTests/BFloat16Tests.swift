import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct BFloat16Tests {
  /// Every upper half with lower halves around the middle, so both neighbours, ties, denormals, infinities and
  /// NaN are among them.
  private static let values: [Float] = stride(from: UInt32(0), through: 0xFFFF, by: 7).flatMap {
    high in [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF].map { Float(bitPattern: high << 16 | $0) }
  }

  @Test func theReferenceRoundsToTheNearestAndTiesToEven() {
    for x in Self.values {
      let half = BFloat16Reference.round(x)
      let rounded = BFloat16Reference.widen(half)
      if x.isNaN {
        #expect(rounded.isNaN)
        continue
      }
      // The largest float32 lies beyond the middle of the largest bfloat16 and the next power of two.
      guard rounded.isFinite, x.isFinite else {
        #expect(rounded.isInfinite && rounded.sign == x.sign && abs(x) >= 0x1.FFp127)
        continue
      }
      let error = abs(Double(rounded) - Double(x))
      for step in [-1, 1] {
        let other = BFloat16Reference.widen(UInt16(truncatingIfNeeded: Int(half) + step))
        if other.isNaN || other.isInfinite { continue }
        let otherError = abs(Double(other) - Double(x))
        #expect(error < otherError || (error == otherError && half % 2 == 0), "\(x)")
      }
    }
  }

  @Test(arguments: TestBackend.onDevice, [1, 7, 31, 33, 5000, 28092])
  func deviceHasTheBitsOfTheReference(_ kind: TestBackend, _ count: Int) throws {
    let backend = try kind.make(storage: .bf16)
    let values = Array(Self.values.prefix(count))
    let before = backend.bytesInUse
    do {
      let x = try backend.tensor(values, [count])
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let kept = try tape.kept(x)
      #expect(kept.elementType == .bf16 && kept.id == x.id)
      #expect(try tape.kept(x).storage === kept.storage, "a second record shares the copy")
      let restored = try backend.read(try tape.restored(kept))
      for (value, actual) in zip(values, restored) {
        let expected = BFloat16Reference.widen(BFloat16Reference.round(value))
        #expect(actual.bitPattern == expected.bitPattern, "\(value)")
      }
    }
    #expect(backend.bytesInUse == before)
  }

  /// Widening gives every bfloat16 back.
  @Test(arguments: TestBackend.allCases)
  func storedValuesAreExact(_ kind: TestBackend) throws {
    let backend = try kind.make(storage: .bf16)
    let values = (0..<4096).map { Float($0 % 256 - 128) / 16 }
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let x = try backend.tensor(values, [values.count])
    #expect(try backend.read(try tape.restored(tape.kept(x))) == values)
  }

  /// Without training nothing waits for a backward pass.
  @Test func inferenceKeepsTheTensorItself() throws {
    let backend = try TestBackend.cpu8.make(storage: .bf16)
    let x = try backend.tensor([1, 2], [2])
    #expect(try Tape(backend, mode: .inference).kept(x).storage === x.storage)
  }
}
