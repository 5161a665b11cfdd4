import ClseqRuntime

/// Uses ClseqRuntime without the rest of clseq: one kernel of its own, on any OpenCL device.
///
///     swift run EmbedRuntime [DEVICE]
@main
struct EmbedRuntime {
  static func main() throws {
    let device = try Device.select(CommandLine.arguments.dropFirst().first)
    let context = try Context(device, memoryBudget: 64 << 20, profiling: true)
    print("device \(device.selector): \(device.name)")

    let times = clicks(count: 200_000)
    let counts = try HourCounter(context).counts(times)
    let most = counts.max() ?? 0
    for (hour, count) in counts.enumerated() {
      let bar = String(repeating: "#", count: Int(count) * 40 / Int(max(most, 1)))
      print("\(hour < 10 ? "0" : "")\(hour):00 \(count) \(bar)")
    }

    var expected = [Int32](repeating: 0, count: 24)
    for time in times { expected[Int(time / 3600 % 24)] += 1 }
    print("\(times.count) events, \(counts == expected ? "equal to" : "DIFFERENT from") the host")
    print("peak device memory: \(context.memory.peak) bytes")
    for row in try context.profile?.table() ?? [] {
      print("\(row.kernel): \(row.calls) launch, \(row.milliseconds) ms")
    }
  }

  /// Times of made-up clicks within thirty days; evenings are busier than nights.
  private static func clicks(count: Int) -> [Int64] {
    var state: UInt64 = 1
    func random(_ bound: UInt64) -> Int64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int64((state >> 33) % bound)
    }
    return (0..<count).map { _ in
      let hour = max(random(24), random(24))
      return 1_700_006_400 + random(30) * 86_400 + hour * 3_600 + random(3_600)
    }
  }
}
