import ClseqRuntime
import ClseqTestSupport
import Testing

@Suite struct ArenaTests {
  private let context: Context

  init() throws {
    context = try Context(try TestBackend.context().device, memoryBudget: 1 << 20)
  }

  private func arena(_ byteCounts: [Int] = [1 << 16]) throws -> Arena {
    let arena = Arena(context)
    try arena.reserve(byteCounts)
    return arena
  }

  private func offset(_ slice: DeviceSlice) throws -> Int { try #require(slice.range).offset }

  @Test func rangesStartAtMultiplesOfTheAlignment() throws {
    let arena = try arena()
    let sizes = [1, 511, 512, 513, 0, 2_000]
    let slices = try sizes.map { try arena.take(byteCount: $0) }
    #expect(try slices.map(offset) == [0, 512, 1_024, 1_536, 2_560, 3_072])
    #expect(arena.inUse == 512 * (1 + 1 + 1 + 2 + 1 + 4))
    #expect(slices.map(\.byteCount) == [1, 511, 512, 513, 1, 2_000])
  }

  @Test func theFirstGapThatIsLargeEnoughIsTaken() throws {
    let arena = try arena()
    var slices = try (0..<6).map { _ in try arena.take(byteCount: 1_024) as DeviceSlice? }
    slices[1] = nil
    slices[3] = nil
    slices[4] = nil
    let large = try arena.take(byteCount: 1_500)
    let small = try arena.take(byteCount: 512)
    #expect(try offset(large) == 3 * 1_024)
    #expect(try offset(small) == 1_024)
    withExtendedLifetime(slices) {}
  }

  @Test(arguments: [
    [0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 1, 3], [1, 3, 2, 0], [2, 0, 3, 1], [1, 2, 0, 3],
  ])
  func gapsJoinWhateverTheOrderOfGivingBack(order: [Int]) throws {
    let arena = try arena([4_096])
    var slices = try (0..<4).map { _ in try arena.take(byteCount: 1_024) as DeviceSlice? }
    for index in order { slices[index] = nil }
    #expect(arena.inUse == 0)
    let whole = try arena.take(byteCount: 4_096)
    #expect(context.memory.inUse == 4_096)
    #expect(try offset(whole) == 0)
  }

  /// Buffers without a range in use are freed, and the others keep their ranges.
  @Test func trimmingFreesIdleBuffers() throws {
    let arena = try arena([4_096, 8_192, 2_048])
    let inFirst = try arena.take(byteCount: 2_560)
    var inSecond: DeviceSlice? = try arena.take(byteCount: 8_000)
    let inThird = try arena.take(byteCount: 2_048)
    arena.trim()
    #expect(context.memory.inUse == 4_096 + 8_192 + 2_048)
    withExtendedLifetime(inSecond) {}
    inSecond = nil
    arena.trim()
    #expect(context.memory.inUse == 4_096 + 2_048 && arena.inUse == 2_560 + 2_048)
    // A longer range takes the place of the freed buffer.
    let longer = try arena.take(byteCount: 9_000)
    #expect(context.memory.inUse >= 4_096 + 2_048 + 9_000)
    let beside = try arena.take(byteCount: 1_536)
    #expect(try [inFirst, inThird, longer, beside].map(offset) == [0, 0, 0, 2_560])
    withExtendedLifetime([inFirst, inThird, longer, beside]) {}
  }

  @Test func aCountingPassTellsWhatToReserve() throws {
    func step(_ arena: Arena) throws -> [Int] {
      var kept: [DeviceSlice] = []
      var offsets: [Int] = []
      for size in [3_000, 512, 7_000, 100, 9_000, 2_000] {
        kept.append(try arena.take(byteCount: size))
        offsets.append(try offset(kept[kept.count - 1]))
        if size == 7_000 || size == 9_000 { kept.remove(at: kept.count - 2) }
      }
      return offsets
    }
    let counting = Arena(context, counting: true)
    let planned = try step(counting)
    #expect(counting.isCounting)
    #expect(counting.inUse == 0)
    #expect(context.memory.inUse == 0)
    #expect(counting.highWaterByteCounts.count == 1)

    let real = try arena(counting.highWaterByteCounts)
    let reserved = context.memory.inUse
    #expect([reserved] == counting.highWaterByteCounts)
    #expect(try step(real) == planned)
    #expect(context.memory.peak == reserved)
    #expect(real.highWaterByteCounts == counting.highWaterByteCounts)
  }

  @Test func reserveKeepsWhatSufficesAndReplacesWhatDoesNot() throws {
    let arena = try arena([8_192])
    try arena.reserve([4_096])
    #expect(context.memory.inUse == 8_192)
    try arena.reserve([])
    #expect(context.memory.inUse == 8_192)
    try arena.reserve([16_384])
    #expect(context.memory.inUse == 16_384)
    #expect(context.memory.peak == 16_384)
    try arena.reserve([16_384, 1_000])
    #expect(context.memory.inUse == 16_384 + 1_024)
    withExtendedLifetime(arena) {}
  }

  @Test func anArenaGrowsByWhatTheBudgetLeaves() throws {
    let arena = Arena(context, growthByteCount: 1 << 19)
    let first = try arena.take(byteCount: 900_000)
    #expect(context.memory.inUse == 900_096)
    let second = try arena.take(byteCount: 100)
    #expect(context.memory.inUse == 900_096 + (1 << 16))
    let third = try arena.take(byteCount: 1 << 16)
    let fourth = try arena.take(byteCount: 65_000)
    // The budget is exhausted.
    let fifth = try arena.take(byteCount: 1_000)
    #expect(context.memory.inUse == 1 << 20)
    withExtendedLifetime((third, fourth, fifth)) {}
    #expect(try #require(first.range).chunk == 0)
    #expect(try #require(second.range).chunk == 1)
  }

  @Test func overBudgetNamesTheBytesAndLeavesTheArenaAsItWas() throws {
    let arena = try arena([512 << 10])
    let kept = try arena.take(byteCount: 1_024)
    let refusal = OpenCLError.overBudget(
      needed: 600 << 10, free: 512 << 10, budget: 1 << 20)
    #expect(throws: refusal) { _ = try arena.take(byteCount: 600 << 10) }
    #expect(arena.inUse == 1_024)
    let next = try arena.take(byteCount: 1)
    #expect(try offset(next) == kept.byteCount)
    #expect(throws: OpenCLError.overBudget(needed: 2 << 20, free: 1 << 20, budget: 1 << 20)) {
      try Arena(try Context(context.device, memoryBudget: 1 << 20)).reserve([2 << 20])
    }
  }

  @Test func memoryReturnsWhenTheArenaAndItsRangesEnd() throws {
    func leftOver() throws -> DeviceSlice { try arena([4_096]).take(byteCount: 10) }
    var slice: DeviceSlice? = try leftOver()
    #expect(context.memory.inUse == 4_096)
    #expect(slice?.byteCount == 10)
    slice = nil
    #expect(context.memory.inUse == 0)
  }

  @Test func separateRangesAreBuffersThatAreNotUsedAgain() throws {
    let arena = Arena(context, ranges: .separate)
    try arena.reserve([4_096])
    #expect(context.memory.inUse == 0)
    var first: DeviceSlice? = try arena.take(byteCount: 100)
    #expect(first?.range?.offset == 0)
    #expect(context.memory.inUse == 100)
    first = nil
    let second = try arena.take(byteCount: 100)
    #expect(try offset(second) == 0)
    #expect(context.memory.inUse == 200)
    #expect(arena.inUse == 100)
  }

  @Test func filledRangesHoldTheValueWheneverTheyAreTaken() throws {
    let arena = Arena(context, ranges: .filled(0x1234_5678))
    for _ in 0..<2 {
      let slice = try arena.take(byteCount: 12)
      var values: [UInt32] = [0, 0, 0]
      try values.withUnsafeMutableBytes { try context.compute.read(slice, into: $0) }
      #expect(values == [0x1234_5678, 0x1234_5678, 0x1234_5678])
      #expect(try offset(slice) == 0)
      try context.compute.fillZero(slice, byteCount: 12)
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func rangesNeverOverlap(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let arena = try arena([64 << 10, 32 << 10])
    var live: [DeviceSlice] = []
    for _ in 0..<2_000 {
      if live.isEmpty || Int.random(in: 0..<100, using: &random) < 55 {
        let wanted = Int.random(in: 1...9_000, using: &random)
        guard (live.reduce(0) { $0 + $1.byteCount }) + wanted < 200_000 else { continue }
        live.append(try arena.take(byteCount: wanted))
      } else {
        live.remove(at: Int.random(in: live.indices, using: &random))
      }
      let ranges = try live.map { try #require($0.range) }
        .sorted { ($0.chunk, $0.offset) < ($1.chunk, $1.offset) }
      let overlap = zip(ranges, ranges.dropFirst()).contains {
        $0.chunk == $1.chunk && $0.offset + $0.byteCount > $1.offset
      }
      #expect(!overlap)
      #expect(arena.inUse == ranges.reduce(0) { $0 + $1.byteCount })
    }
    live.removeAll()
    #expect(arena.inUse == 0)
    let first = try #require(try arena.take(byteCount: 64 << 10).range)
    #expect((first.chunk, first.offset) == (0, 0))
  }
}

/// Small reproducible random numbers (Steele, Lea and Flood 2014).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
