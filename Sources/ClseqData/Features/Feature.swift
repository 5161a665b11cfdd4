#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a feature is, and the statistics by which its numbers are brought to scale, here and in new
/// data alike.
public struct Feature: Sendable, Equatable, Codable {
  /// The name, the origin and the scaling.
  public let request: FeatureRequest
  /// Numbers outside are taken for the nearer bound; nil where nothing is clipped. In the units of
  /// the log, as all dataset files are.
  public let clippedTo: ClosedRange<Double>?
  /// The share below and above that the bounds were taken from; nil where nothing is clipped, and in
  /// files of versions that did not keep it.
  public let clippedShare: Double?
  /// Events that lack the number.
  public let missingCount: Int
  /// The mean of the numbers, clipped and, for ``FeatureScaling/log``, taken to the logarithm. Stands
  /// in for a number that is missing.
  public let mean: Double
  /// Their standard deviation (that of the whole, over n).
  public let deviation: Double
  /// The least of them.
  public let least: Double
  /// The greatest of them.
  public let most: Double

  /// What a model sees of a number as the log has it; NaN for one that is missing.
  public func scaled(_ number: Double) -> Float {
    let value = number.isNaN ? mean : transformed(number)
    switch request.scaling {
    case .none, .log: return Float(value)
    case .standardize: return deviation > 0 ? Float((value - mean) / deviation) : 0
    case .minMax: return most > least ? Float((value - least) / (most - least)) : 0
    }
  }

  /// A number clipped and, if asked for, taken to the logarithm.
  private func transformed(_ number: Double) -> Double {
    Self.transformed(number, request.scaling, clippedTo)
  }

  private static func transformed(
    _ number: Double, _ scaling: FeatureScaling, _ range: ClosedRange<Double>?
  ) -> Double {
    let clipped = range.map { min(max(number, $0.lowerBound), $0.upperBound) } ?? number
    guard scaling == .log else { return clipped }
    return clipped < 0 ? -log1p(-clipped) : log1p(clipped)
  }
}

extension Feature {
  /// Takes the statistics of all numbers of a feature.
  ///
  /// - Parameters:
  ///   - numbers: As the log has them, NaN where one is missing.
  ///   - clippedShare: As ``FeatureRules/clippedShare``.
  init(_ request: FeatureRequest, of numbers: Column<Double>, clippedShare: Double) {
    let range =
      clippedShare > 0 && numbers.contains { !$0.isNaN }
      ? numbers.quantile(clippedShare)...numbers.quantile(1 - clippedShare) : nil
    self.init(
      request, of: numbers, clippedTo: range, clippedShare: clippedShare > 0 ? clippedShare : nil)
  }

  /// The same feature with the statistics of other numbers; bounds of an unknown share stay.
  func fitted(to numbers: Column<Double>) -> Feature {
    guard let clippedShare else {
      return Feature(request, of: numbers, clippedTo: clippedTo, clippedShare: nil)
    }
    return Feature(request, of: numbers, clippedShare: clippedShare)
  }

  private init(
    _ request: FeatureRequest, of numbers: Column<Double>, clippedTo range: ClosedRange<Double>?,
    clippedShare: Double?
  ) {
    self.request = request
    self.clippedShare = clippedShare
    clippedTo = range
    let count = numbers.count { !$0.isNaN }
    missingCount = numbers.count - count
    let values = numbers.lazy.filter { !$0.isNaN }
      .map { Self.transformed($0, request.scaling, range) }
    let n = Double(max(1, count))
    let mean = values.reduce(0, +) / n
    self.mean = mean
    deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot()
    least = values.min() ?? 0
    most = values.max() ?? 0
  }

  private enum CodingKeys: String, CodingKey {
    case request = "feature"
    case clippedTo = "clipped_to"
    case clippedShare = "clipped_share"
    case missingCount = "missing"
    case mean, deviation, least, most
  }
}

extension Column<Double> {
  /// The least number that at least a share of all numbers does not exceed; those that are missing
  /// (NaN) do not count.
  ///
  /// Found by four counts of 16 bits each, so that memory does not grow with the column.
  package func quantile(_ share: Double) -> Double {
    let count = self.count { !$0.isNaN }
    precondition(count > 0, "a quantile of no numbers")
    // The place of the number wanted among those that begin with `prefix`.
    var rank = Swift.min(count - 1, Swift.max(0, Int((share * Double(count)).rounded(.up)) - 1))
    var prefix: UInt64 = 0
    for shift in [48, 32, 16, 0] as [UInt64] {
      var counts = [Int](repeating: 0, count: 1 << 16)
      for number in self where !number.isNaN {
        let key = Self.ascendingKey(number)
        let isWithin = shift == 48 || key >> (shift + 16) == prefix
        if isWithin { counts[Int(key >> shift & 0xFFFF)] += 1 }
      }
      var digit = 0
      while rank >= counts[digit] {
        rank -= counts[digit]
        digit += 1
      }
      prefix = prefix << 16 | UInt64(digit)
    }
    let bits = prefix >> 63 == 1 ? prefix & ~(1 << 63) : ~prefix
    return Double(bitPattern: bits)
  }

  /// Bits that grow as the numbers do.
  private static func ascendingKey(_ number: Double) -> UInt64 {
    let bits = number.bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }
}
