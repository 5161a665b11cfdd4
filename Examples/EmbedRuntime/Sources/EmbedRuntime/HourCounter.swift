import ClseqRuntime

/// Counts events by the hour of the day (UTC) at which they happened, on an OpenCL device.
struct HourCounter {
  private static let groupCount = 64
  private static let groupSize = 64

  private static let source = KernelSource(
    name: "hours",
    text: """
      // counts[group][hour] = events of the group's stretch in that hour, counted in local memory.
      __attribute__((reqd_work_group_size(64, 1, 1))) __kernel void count_hours(
          __global const long *times, __global int *counts, __local int *mine, const int count,
          const int stretch) {
        const int item = (int)get_local_id(0);
        const int group = (int)get_group_id(0);
        const int end = min(count, (group + 1) * stretch);
        if (item < 24) mine[item] = 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int i = group * stretch + item; i < end; i += 64)
          atomic_inc(&mine[(int)(times[i] / 3600 % 24)]);
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < 24) counts[group * 24 + item] = mine[item];
      }

      // totals[hour] = sum of counts[group][hour] over the groups.
      __attribute__((reqd_work_group_size(1, 1, 1))) __kernel void add_groups(
          __global const int *counts, __global int *totals, const int groups) {
        const int hour = (int)get_group_id(0);
        int total = 0;
        for (int group = 0; group < groups; ++group) total += counts[group * 24 + hour];
        totals[hour] = total;
      }
      """)

  private let context: Context

  init(_ context: Context) {
    self.context = context
  }

  /// - Parameter times: seconds since 1970, not before.
  /// - Returns: 24 counts.
  func counts(_ times: [Int64]) throws -> [Int32] {
    guard !times.isEmpty else { return [Int32](repeating: 0, count: 24) }
    // A slice keeps the memory of its buffer alive.
    let input = try DeviceBuffer(context, byteCount: times.count * 8).slice()
    let partial = try DeviceBuffer(context, byteCount: Self.groupCount * 24 * 4).slice()
    let totals = try DeviceBuffer(context, byteCount: 24 * 4).slice()
    try times.withUnsafeBytes { try context.compute.writeAndWait($0, to: input) }

    let stretch = (times.count + Self.groupCount - 1) / Self.groupCount
    try context.launch(
      context.kernel("count_hours", of: Self.source),
      Grid(groups: Self.groupCount, size: Self.groupSize),
      cost: KernelCost(bytes: Double(8 * times.count)),
      input, partial, LocalMemory(byteCount: 24 * 4), Int32(times.count), Int32(stretch))
    try context.launch(
      context.kernel("add_groups", of: Self.source), Grid(groups: 24),
      partial, totals, Int32(Self.groupCount))

    var result = [Int32](repeating: 0, count: 24)
    try result.withUnsafeMutableBytes { try context.compute.read(totals, into: $0) }
    return result
  }
}
