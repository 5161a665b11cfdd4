import ClseqOps
import ClseqRuntime
import ClseqTestSupport
import Testing

@Suite struct TuningTests {
  /// A GPU of this machine's device, with limits.
  private func gpu(_ change: (inout Device) -> Void) throws -> Device {
    var device = try TestBackend.context().device
    device.kind = .gpu
    change(&device)
    return device
  }

  @Test func aGPUTakesItsKernels() throws {
    let device = try gpu { $0.workGroupLimit = 256 }
    #expect(Tuning(for: device) == .gpu)
    #expect(Tuning.gpu.misfit(on: device) == nil)
  }

  @Test func smallGroupsTakeTheKernelsForACPU() throws {
    let device = try gpu { $0.workGroupLimit = 128 }
    #expect(Tuning(for: device) != .gpu)
    let error = try #require(Tuning.gpu.misfit(on: device))
    #expect("\(error)".hasSuffix(" allows 128"))
    #expect("\(error)".hasPrefix("GPU kernels need work-groups of 256 items, but "))
    #expect(Tuning.cpu(vectorWidth: 8).misfit(on: device) == nil)
  }

  @Test func littleLocalMemoryTakesTheKernelsForACPU() throws {
    let device = try gpu { $0.localMemoryByteCount = 16 << 10 }
    #expect(Tuning(for: device) != .gpu)
    #expect("\(try #require(Tuning.gpu.misfit(on: device)))".hasSuffix("allows 16 KiB"))
  }

  @Test func coarseSubBuffersAreRefused() throws {
    let device = try gpu { $0.alignmentByteCount = 1_024 }
    #expect(
      throws: OpenCLError.aboveLimit(
        "sub-buffers start at multiples of 512 bytes", device: device.name,
        limit: "multiples of 1024")
    ) {
      try Context(device)
    }
  }
}
