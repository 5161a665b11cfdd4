import ClseqBase
import Foundation

/// The values among which a setting is searched: `0.1..0.5`, `1e-4..1e-2:log`, `32..256:log`, `32|64|128`.
public struct SearchRange: Equatable, Sendable {
  /// The values themselves.
  public enum Values: Equatable, Sendable {
    /// One of these.
    case choices([String])
    /// From the first to the last; whole numbers where both are.
    case numbers(from: Double, through: Double, isWhole: Bool, isLogarithmic: Bool)
  }

  /// The key of the setting.
  public let key: String
  /// Its values.
  public let values: Values

  /// Reads `KEY=VALUES`; nil for anything else. Keys may be written as options are.
  public init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty else { return nil }
    key = String(parts[0].replacing("-", with: "_"))
    var range = String(parts[1])
    let isLogarithmic = range.hasSuffix(":log")
    if isLogarithmic { range.removeLast(4) }
    guard let dots = range.firstRange(of: "..") else {
      // A choice may end so too: a feature's scaling.
      let choices = parts[1].split(separator: "|", omittingEmptySubsequences: false).map(
        String.init)
      guard !isLogarithmic || Double(range) == nil, !choices.contains("") else { return nil }
      values = .choices(choices)
      return
    }
    let ends = (range[..<dots.lowerBound], range[dots.upperBound...])
    guard let first = Double(ends.0), let last = Double(ends.1), first.isFinite, last.isFinite,
      first < last, !isLogarithmic || first > 0
    else { return nil }
    values = .numbers(
      from: first, through: last, isWhole: Int(ends.0) != nil && Int(ends.1) != nil,
      isLogarithmic: isLogarithmic)
  }

  /// The value of a trial: a function of seed, key and trial alone.
  public func value(trial: Int, seed: UInt64) -> String {
    let random = CounterRandom(seed: seed, Self.purpose, UInt64(CRC32C.checksum(key.utf8)))
    switch values {
    case .choices(let choices):
      return choices[random.integer(below: choices.count, UInt64(trial))]
    case .numbers(let first, let last, let isWhole, let isLogarithmic):
      let share = random.uniform(UInt64(trial))
      // Whole numbers get equal shares, the ends too.
      let (low, high) = isWhole ? (first - 0.5, last + 0.5) : (first, last)
      let value =
        isLogarithmic
        ? first * exp2(share * log2(last / first)) : low + share * (high - low)
      if isWhole { return "\(Int(min(last, max(first, value.rounded()))))" }
      return Self.brief(value)
    }
  }

  /// Four digits that count.
  private static func brief(_ value: Double) -> String {
    guard value != 0 else { return "0" }
    let scale = pow(10, 3 - (log10(abs(value))).rounded(.down))
    return "\((value * scale).rounded() / scale)"
  }

  /// Names the stream of random numbers ("tune" in ASCII).
  private static let purpose: UInt64 = 0x7475_6E65
}
