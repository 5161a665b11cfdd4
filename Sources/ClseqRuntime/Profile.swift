/// Time on the device by kernel, from OpenCL events.
public final class Profile {
  /// What the launches of one kernel took together.
  public struct Row: Sendable {
    /// The kernel.
    public let kernel: String
    /// Launches.
    public var calls: Int
    /// Time on the device in milliseconds.
    public var milliseconds: Double
    /// Floating-point operations, where the launches told.
    public var flops: Double
    /// Bytes moved, where the launches told.
    public var bytes: Double

    /// Billions of floating-point operations a second; 0 when no time was seen to pass.
    public var gigaflopsPerSecond: Double { milliseconds > 0 ? flops / milliseconds / 1e6 : 0 }
    /// Gigabytes a second; 0 when no time was seen to pass.
    public var gigabytesPerSecond: Double { milliseconds > 0 ? bytes / milliseconds / 1e6 : 0 }
  }

  private var pending: [(name: String, event: DeviceEvent, cost: KernelCost)] = []
  private var rows: [String: Row] = [:]

  init() {}

  func add(_ name: String, _ event: DeviceEvent, _ cost: KernelCost) throws(OpenCLError) {
    pending.append((name, event, cost))
    if pending.count >= 4096 { try collect() }
  }

  /// Waits for what is pending and returns a row a kernel, the longest first.
  public func table() throws(OpenCLError) -> [Row] {
    try collect()
    return rows.values.sorted { ($0.milliseconds, $1.kernel) > ($1.milliseconds, $0.kernel) }
  }

  /// Forgets everything measured so far.
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
