import ClseqBase

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Counts the times of a log by their years, to find implausible ones.
///
/// A bin is 256 days. Memory and time do not grow with the log.
struct TimeCensus {
  private static let microsecondsPerDay: Int64 = 86_400_000_000
  private static let daysPerBin: Int64 = 256
  private static let firstDay = CivilTime.range.lowerBound / microsecondsPerDay
  private static let binCount =
    Int((CivilTime.range.upperBound / microsecondsPerDay - firstDay) / daysPerBin) + 1
  /// Times after ten years without a time are reported as stray.
  private static let farBinCount = 15

  private struct Bin {
    var count = 0
    var first: Int64 = 0
    var file: Int32 = 0
    var line = 0
  }

  private var bins: [Bin] = []
  /// The bin of the latest time, as most times are in the same bin as the one before.
  private var current = 0
  private var currentStart = Int64.max
  private var currentEnd = Int64.min
  private(set) var least = Int64.max
  private(set) var most = Int64.min
  private(set) var areDays = true

  /// Whether there is no time yet.
  var isEmpty: Bool { bins.isEmpty }

  /// Adds a time of the range of ``CivilTime``.
  ///
  /// - Parameters:
  ///   - file: The number of the shard.
  ///   - line: The line in it.
  @inline(__always)
  mutating func add(_ time: Int64, file: Int, line: Int) {
    if time < currentStart || time >= currentEnd { open(binOf: time, file: file, line: line) }
    bins[current].count &+= 1
    if areDays && time % Self.microsecondsPerDay != 0 { areDays = false }
    if time < least { least = time }
    if time > most { most = time }
  }

  private mutating func open(binOf time: Int64, file: Int, line: Int) {
    if bins.isEmpty { bins = [Bin](repeating: Bin(), count: Self.binCount) }
    let length = Self.daysPerBin * Self.microsecondsPerDay
    let start = Self.firstDay * Self.microsecondsPerDay
    current = Int((time - start) / length)
    currentStart = start + Int64(current) * length
    currentEnd = currentStart + length
    guard bins[current].count == 0 else { return }
    bins[current].first = time
    bins[current].file = Int32(truncatingIfNeeded: file)
    bins[current].line = line
  }

  /// Doubts about the times, one sentence each.
  ///
  /// - Parameters:
  ///   - now: In microseconds since 1970.
  ///   - names: The shards.
  func warnings(now: Int64, names: [String]) -> [String] {
    if isEmpty { return [] }
    let met = bins.indices.filter { bins[$0].count > 0 }
    let count = met.reduce(0) { $0 + bins[$1].count }
    var warnings: [String] = []
    let old = met.filter { bins[$0].first < Self.start1990 }
    let oldCount = old.reduce(0) { $0 + bins[$1].count }
    if 2 * oldCount > count, let first = old.first {
      warnings.append(
        "\(oldCount) of \(count) times lie before 1990, such as \(text(first, names)): if they are "
          + "times, --time-format says how they are written")
    }
    let late = met.filter { bins[$0].first > now + Self.microsecondsPerDay }
    if let first = late.first {
      let lateCount = late.reduce(0) { $0 + bins[$1].count }
      warnings.append(
        "\(lateCount) of \(count) times lie in the future, such as \(text(first, names)): "
          + "--times-between leaves them out, or --time-format says how they are written")
    }
    let stray = strays(met)
    if let first = stray.first, stray != late {
      let strayCount = stray.reduce(0) { $0 + bins[$1].count }
      warnings.append(
        "\(strayCount) of \(count) times lie more than ten years from the others, such as "
          + "\(text(first, names)): --times-between leaves them out")
    }
    return warnings
  }

  /// The bins that a gap of ten years separates from most events.
  private func strays(_ met: [Int]) -> [Int] {
    var groups: [[Int]] = []
    for bin in met {
      if let last = groups.last?.last, bin - last < Self.farBinCount {
        groups[groups.count - 1].append(bin)
      } else {
        groups.append([bin])
      }
    }
    let counts = groups.map { $0.reduce(0) { $0 + bins[$1].count } }
    guard let largest = counts.indices.max(by: { counts[$0] < counts[$1] }) else { return [] }
    return groups.indices.filter { $0 != largest }.flatMap { groups[$0] }
  }

  private func text(_ bin: Int, _ names: [String]) -> String {
    let name = names[Int(bins[bin].file)].split(separator: "/").last ?? ""
    return "\(CivilTime.text(bins[bin].first)) (\(name):\(bins[bin].line))"
  }

  private static let start1990: Int64 = 631_152_000_000_000

  /// The system's time, in microseconds since 1970.
  static var now: Int64 { Int64(time(nil)) * CivilTime.microsecondsPerSecond }
}

extension CivilTime {
  /// A time as ISO 8601 in UTC: the day alone at midnight, with a fraction if there is one.
  ///
  /// - Parameter microseconds: Since 1970.
  static func text(_ microseconds: Int64) -> String {
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    func floored(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
      let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
      return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
    let (days, inDay) = floored(microseconds, by: 86_400_000_000)
    // Hinnant's civil_from_days; see `daysSince1970`.
    let shifted = days + 719_468
    let (era, dayOfEra) = floored(shifted, by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    if inDay == 0 { return date }
    let (seconds, fraction) = floored(inDay, by: 1_000_000)
    let clock = "\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2))"
    var digits = padded(fraction, 6)
    while digits.hasSuffix("000") { digits.removeLast(3) }
    let second = padded(seconds % 60, 2) + (fraction == 0 ? "" : ".\(digits)")
    return "\(date)T\(clock):\(second)Z"
  }
}
