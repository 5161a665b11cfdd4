import ClseqRuntime
import ClseqTestSupport
import Testing

@Suite struct LaunchTests {
  private let context: Context
  private let source = KernelSource(
    name: "launch",
    text: """
      // out[i] = value + i
      __attribute__((reqd_work_group_size(4, 1, 1))) __kernel void ramp(
          __global int *out, const int value, const int count) {
        const int i = (int)get_global_id(0);
        if (i < count) out[i] = value + i;
      }

      // out[g] = sum of the group's indices, through local memory
      __attribute__((reqd_work_group_size(4, 2, 1))) __kernel void group_sum(
          __global int *out, __local int *sums) {
        const int item = (int)(get_local_id(1) * 4 + get_local_id(0));
        const int group = (int)get_group_id(2);
        sums[item] = group * 100 + item;
        for (int width = 4; width > 0; width /= 2) {
          barrier(CLK_LOCAL_MEM_FENCE);
          if (item < width) sums[item] += sums[item + width];
        }
        if (item == 0) out[group] = sums[0];
      }

      // out[0..3] = the numbers, as long integers
      __attribute__((reqd_work_group_size(1, 1, 1))) __kernel void numbers(
          __global long *out, const uint a, const long b, const ulong c, const float d) {
        out[0] = a;
        out[1] = b;
        out[2] = (long)(c >> 32);
        out[3] = (long)(d * 4.0f);
      }
      """)

  init() throws {
    context = try Context(try TestBackend.context().device, profiling: true)
  }

  private func slice<T>(_ count: Int, of type: T.Type = Int32.self) throws -> DeviceSlice {
    let byteCount = count * MemoryLayout<T>.stride
    let slice = try DeviceBuffer(context, byteCount: byteCount).slice()
    try context.compute.fillZero(slice, byteCount: byteCount)
    return slice
  }

  private func read<T: BitwiseCopyable>(_ slice: DeviceSlice, _ zero: T) throws -> [T] {
    var values = [T](repeating: zero, count: slice.byteCount / MemoryLayout<T>.stride)
    try values.withUnsafeMutableBytes { try context.compute.read(slice, into: $0) }
    return values
  }

  /// A group that is too large for the device is refused before the first launch.
  @Test func aKernelAboveALimitIsRefused() throws {
    let limit = context.device.workGroupLimit
    let large = KernelSource(
      name: "large",
      text: "__attribute__((reqd_work_group_size(\(2 * limit), 1, 1))) __kernel void large() {}")
    #expect(
      throws: OpenCLError.aboveLimit(
        "kernel large needs work-groups of \(2 * limit) items", device: context.device.name,
        limit: "it \(limit)")
    ) {
      try context.kernel("large", of: large)
    }
    var device = context.device
    device.localMemoryByteCount = 64
    let local = KernelSource(
      name: "local",
      text: """
        __attribute__((reqd_work_group_size(4, 1, 1))) __kernel void local_sum(__global int *out) {
          __local int sums[64];
          sums[get_local_id(0)] = (int)get_local_id(0);
          barrier(CLK_LOCAL_MEM_FENCE);
          out[0] = sums[3];
        }
        """)
    let small = try Context(device)
    #expect(
      throws: OpenCLError.aboveLimit(
        "kernel local_sum needs 256 bytes of local memory", device: device.name, limit: "64")
    ) {
      try small.kernel("local_sum", of: local)
    }
  }

  @Test func numbersArriveInTheirTypes() throws {
    let out = try slice(4, of: Int64.self)
    try context.launch(
      try context.kernel("numbers", of: source), Grid(groups: 1), out, UInt32.max, Int64.min,
      UInt64(7) << 32, Float(2.25))
    #expect(try read(out, Int64(0)) == [Int64(UInt32.max), Int64.min, 7, 9])
  }

  @Test func groupsAndLocalMemoryInThreeAxes() throws {
    let out = try slice(3)
    let grid = Grid(groups: (1, 1, 3), size: (4, 2, 1))
    try context.launch(
      try context.kernel("group_sum", of: source), grid, out, LocalMemory(byteCount: 32))
    #expect(try read(out, Int32(0)) == [28, 828, 1_628])
    #expect(grid.description == "1×1×3 groups of 4×2×1")
  }

  @Test func anEmptyGridRunsNothing() throws {
    let out = try slice(4)
    let ramp = try context.kernel("ramp", of: source)
    try context.launch(ramp, Grid(groups: 0, size: 4), out, Int32(1), Int32(4))
    #expect(try read(out, Int32(0)) == [0, 0, 0, 0])
  }

  @Test func aWrongNumberOfArgumentsIsAnError() throws {
    let out = try slice(4)
    let ramp = try context.kernel("ramp", of: source)
    try context.launch(ramp, Grid(groups: 1, size: 4), out, Int32(1), Int32(4))
    func error(_ count: Int) -> OpenCLError {
      .call(
        "clSetKernelArg", code: -52,
        attempted: "passing \(count) arguments to ramp, which takes 3")
    }
    #expect(throws: error(2)) {
      try context.launch(ramp, Grid(groups: 1, size: 4), out, Int32(1))
    }
  }

  @Test func anArgumentOfTheWrongTypeIsAnError() throws {
    let ramp = try context.kernel("ramp", of: source)
    let numbers = try context.kernel("numbers", of: source)
    let sum = try context.kernel("group_sum", of: source)
    let out = try slice(8)
    func error(
      _ kernel: String, _ index: Int, _ name: String, _ expected: String, _ given: String
    ) -> OpenCLError {
      .argument(kernel: kernel, name: name, index: index, expected: expected, given: given)
    }
    let (grid, four) = (Grid(groups: 1, size: 4), Int32(4))
    #expect(throws: error("ramp", 1, "value", "int", "long")) {
      try context.launch(ramp, grid, out, Int64(1), four)
    }
    #expect(throws: error("ramp", 1, "value", "int", "float")) {
      try context.launch(ramp, grid, out, Float(1), four)
    }
    #expect(throws: error("ramp", 2, "count", "int", "device memory")) {
      try context.launch(ramp, grid, out, four, out)
    }
    #expect(throws: error("ramp", 0, "out", "int*", "int")) {
      try context.launch(ramp, grid, four, four, four)
    }
    #expect(throws: error("group_sum", 1, "sums", "local int*", "device memory")) {
      try context.launch(sum, Grid(groups: (1, 1, 1), size: (4, 2, 1)), out, out)
    }
    #expect(throws: error("group_sum", 0, "out", "int*", "local memory")) {
      let local = LocalMemory(byteCount: 32)
      try context.launch(sum, Grid(groups: (1, 1, 1), size: (4, 2, 1)), local, local)
    }
    #expect(throws: error("numbers", 3, "c", "ulong", "long")) {
      try context.launch(numbers, Grid(groups: 1), out, UInt32(1), Int64(1), Int64(1), Float(1))
    }
    #expect(throws: error("numbers", 1, "a", "uint", "int")) {
      try context.launch(numbers, Grid(groups: 1), out, four, Int64(1), UInt64(1), Float(1))
    }
    // The kernel keeps no argument of the wrong type.
    try context.launch(ramp, grid, out, Int32(7), four)
    #expect(try read(out, Int32(0)).prefix(4) == [7, 8, 9, 10])
  }

  /// A vector of a type of the caller's own.
  private struct Pair: KernelArgument, BitwiseCopyable {
    var x: Int32
    var y: Int32
  }

  @Test func anArgumentOfAnotherTypeIsCheckedForItsSizeAlone() throws {
    let source = KernelSource(
      name: "pair",
      text: """
        __attribute__((reqd_work_group_size(1, 1, 1))) __kernel void pair(
            __global int *out, const int2 values) {
          out[0] = values.x * 10 + values.y;
        }
        """)
    let pair = try context.kernel("pair", of: source)
    let out = try slice(1)
    try context.launch(pair, Grid(groups: 1), out, Pair(x: 4, y: 2))
    #expect(try read(out, Int32(0)) == [42])
    let wrongSize = OpenCLError.call(
      "clSetKernelArg", code: -51, attempted: "setting argument 1 of pair")
    #expect(throws: wrongSize) {
      try context.launch(pair, Grid(groups: 1), out, Int32(1))
    }
  }

  @Test func aGridThatTheKernelForbidsIsAnError() throws {
    let out = try slice(4)
    let ramp = try context.kernel("ramp", of: source)
    let grid = Grid(groups: 1, size: 3)
    let error = OpenCLError.call(
      "clEnqueueNDRangeKernel", code: -54, attempted: "launching ramp over 1×1×1 groups of 3×1×1")
    #expect(throws: error) { try context.launch(ramp, grid, out, Int32(1), Int32(4)) }
  }

  @Test func copyAndFillOfAnyByteCount() throws {
    let from = try slice(8)
    let to = try slice(8)
    let ramp = try context.kernel("ramp", of: source)
    try context.launch(ramp, Grid(groups: 2, size: 4), from, Int32(1), Int32(8))
    try context.compute.copy(from, to: to, byteCount: 20)
    #expect(try read(to, Int32(0)) == [1, 2, 3, 4, 5, 0, 0, 0])
    try context.compute.fillZero(to, byteCount: 5)
    #expect(try read(to, Int32(0)) == [0, 0, 3, 4, 5, 0, 0, 0])
    try context.compute.fillZero(to, byteCount: 0)
    try context.compute.copy(from, to: to, byteCount: 0)
    #expect(try read(to, Int32(0)) == [0, 0, 3, 4, 5, 0, 0, 0])
  }

  @Test func profileAddsUpByKernel() throws {
    let out = try slice(1 << 16)
    let ramp = try context.kernel("ramp", of: source)
    let count = Int32(1 << 16)
    for _ in 0..<5 {
      try context.launch(
        ramp, Grid(groups: 1 << 14, size: 4), cost: KernelCost(flops: 1e6, bytes: 2e6), out,
        Int32(1), count)
    }
    try context.launch(
      try context.kernel("group_sum", of: source), Grid(groups: (1, 1, 1), size: (4, 2, 1)), out,
      LocalMemory(byteCount: 32))
    let profile = try #require(context.profile)
    let rows = try profile.table()
    #expect(rows.map(\.calls).reduce(0, +) == 6)
    #expect(rows.map(\.milliseconds) == rows.map(\.milliseconds).sorted(by: >))
    let row = try #require(rows.first { $0.kernel == "ramp" })
    #expect(row.calls == 5)
    #expect(row.flops == 5e6)
    #expect(row.bytes == 1e7)
    #expect(row.milliseconds > 0)
    #expect(row.gigaflopsPerSecond == 5e6 / row.milliseconds / 1e6)
    #expect(row.gigabytesPerSecond == 2 * row.gigaflopsPerSecond)
    try profile.reset()
    #expect(try profile.table().isEmpty)
  }

  @Test func noProfileUnlessAsked() throws {
    #expect(try Context(context.device).profile == nil)
  }
}
