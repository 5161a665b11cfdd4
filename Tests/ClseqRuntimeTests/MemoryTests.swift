import ClseqRuntime
import ClseqTestSupport
import Testing

@Suite struct MemoryTests {
  private func context(budget: Int) throws -> Context {
    try Context(try TestBackend.context().device, memoryBudget: budget)
  }

  @Test func budgetRefusesBeforeTheDeviceIsAsked() throws {
    let context = try context(budget: 10_000)
    let first = try DeviceBuffer(context, byteCount: 6_000)
    let refusal = OpenCLError.overBudget(needed: 5_000, free: 4_000, budget: 10_000)
    #expect(throws: refusal) { _ = try DeviceBuffer(context, byteCount: 5_000) }
    #expect(context.memory.inUse == 6_000)
    #expect(context.memory.peak == 6_000)
    let second = try DeviceBuffer(context, byteCount: 4_000)
    #expect(context.memory.inUse == 10_000)
    #expect(first.byteCount + second.byteCount == 10_000)
  }

  @Test func oneAllocationLargerThanTheDeviceAllowsIsRefused() throws {
    let context = try context(budget: .max)
    let largest = context.device.largestAllocationByteCount
    #expect(throws: OpenCLError.tooLarge(needed: largest + 1, largest: largest)) {
      _ = try DeviceBuffer(context, byteCount: largest + 1)
    }
    #expect(context.memory.inUse == 0)
  }

  @Test func defaultBudgetLeavesATenthOfTheDevice() throws {
    let context = try Context(try TestBackend.context().device)
    #expect(context.memory.budget == context.device.memoryByteCount / 10 * 9)
  }

  @Test func bytesReturnWhenTheOwnerEnds() throws {
    let context = try context(budget: 1 << 20)
    do {
      let buffer = try DeviceBuffer(context, byteCount: 4_096)
      #expect(context.memory.inUse == buffer.byteCount)
    }
    #expect(context.memory.inUse == 0)
    #expect(context.memory.peak == 4_096)
  }

  @Test func aSliceKeepsTheMemoryAndItsBytes() throws {
    let context = try context(budget: 1 << 20)
    func slice() throws -> DeviceSlice {
      let buffer = try DeviceBuffer(context, byteCount: 4_096)
      return try buffer.slice(offset: Arena.alignment, byteCount: 12)
    }
    let kept = try slice()
    #expect(context.memory.inUse == 4_096)
    let values: [Int32] = [3, 1, 4]
    var back: [Int32] = [0, 0, 0]
    try values.withUnsafeBytes { try context.compute.writeAndWait($0, to: kept) }
    try back.withUnsafeMutableBytes { try context.compute.read(kept, into: $0) }
    #expect(back == values)
  }

  @Test func bytesReturnWhenTheLastSliceEnds() throws {
    let context = try context(budget: 1 << 20)
    func slices() throws -> [DeviceSlice] {
      let buffer = try DeviceBuffer(context, byteCount: 2_048)
      return try [
        buffer.slice(offset: 0, byteCount: 512), buffer.slice(offset: 1_024, byteCount: 1_024),
      ]
    }
    var kept = try slices()
    #expect(context.memory.inUse == 2_048)
    kept.removeFirst()
    #expect(context.memory.inUse == 2_048)
    kept.removeFirst()
    #expect(context.memory.inUse == 0)
  }

  @Test(arguments: [(0, 4_097), (4_096, 512), (3_584, 1_024)])
  func aSliceOutsideItsBufferIsRefused(offset: Int, byteCount: Int) throws {
    let context = try context(budget: 1 << 20)
    let refused = #expect(throws: OpenCLError.self) {
      let buffer = try DeviceBuffer(context, byteCount: 4_096)
      _ = try buffer.slice(offset: offset, byteCount: byteCount)
    }
    guard case .call(let name, let code, let attempted) = try #require(refused) else {
      Issue.record("not a failed call")
      return
    }
    #expect(name == "clCreateSubBuffer")
    #expect(code != 0)
    #expect(attempted == "creating a sub-buffer of \(byteCount) bytes at offset \(offset)")
  }
}
