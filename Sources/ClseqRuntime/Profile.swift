/// Time on the device by kernel, from OpenCL events.
public final class Profile {
  /// The sums over the launches of one kernel.
  public struct Row: Sendable {
    /// The kernel.
    public let kernel: String
    /// Launches.
    public var calls: Int
    /// Time on the device in milliseconds.
    public var milliseconds: Double
    /// Floating-point operations, of launches with a cost.
    public var flops: Double
    /// Bytes moved, of launches with a cost.
    public var bytes: Double

    /// Billions of floating-point operations per second; 0 if no time was measured.
    public var gigaflopsPerSecond: Double { milliseconds > 0 ? flops / milliseconds / 1e6 : 0 }
    /// Gigabytes per second; 0 if no time was measured.
    public var gigabytesPerSecond: Double { milliseconds > 0 ? bytes / milliseconds / 1e6 : 0 }
  }

  private var pending: [(name: String, event: DeviceEvent, cost: KernelCost)] = []
  private var rows: [String: Row] = [:]

  init() {}

  func add(_ name: String, _ event: DeviceEvent, _ cost: KernelCost) throws(OpenCLError) {
    pending.append((name, event, cost))
    if pending.count >= 4096 { try collect() }
  }

  /// Waits for pending launches and returns one row per kernel, in descending order of time.
  public func table() throws(OpenCLError) -> [Row] {
    try collect()
    return rows.values.sorted { ($0.milliseconds, $1.kernel) > ($1.milliseconds, $0.kernel) }
  }

  /// Discards everything measured so far.
  public func reset() throws(OpenCLError) {
    try collect()
    rows.removeAll()
  }

  private func collect() throws(OpenCLError) {
    let launches = pending
    pending.removeAll(keepingCapacity: true)
    for (name, event, cost) in launches {
      try event.wait()
      let elapsed = try event.elapsedMilliseconds()
      var row =
        rows[name] ?? Row(kernel: name, calls: 0, milliseconds: 0, flops: 0, bytes: 0)
      row.calls += 1
      row.milliseconds += elapsed
      row.flops += cost.flops
      row.bytes += cost.bytes
      rows[name] = row
    }
  }
}
