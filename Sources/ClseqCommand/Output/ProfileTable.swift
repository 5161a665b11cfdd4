import Clseq

/// Time on the device by kernel.
enum ProfileTable {
  /// A line a kernel: calls, milliseconds, rates and share of the whole.
  static func text(_ profile: Profile) throws -> String {
    let rows = try profile.table()
    let total = rows.reduce(0) { $0 + $1.milliseconds }
    var table = TextTable(header: ["kernel", "calls", "ms", "GFLOP/s", "GB/s", "share"])
    let digits = NumberText.fixed
    for row in rows {
      table.append([
        row.kernel, "\(row.calls)", digits(row.milliseconds, 1),
        row.flops > 0 ? digits(row.gigaflopsPerSecond, 1) : "",
        row.bytes > 0 ? digits(row.gigabytesPerSecond, 1) : "",
        "\(digits(100 * row.milliseconds / max(total, 1e-9), 1)) %",
      ])
    }
    return table.text
  }
}
