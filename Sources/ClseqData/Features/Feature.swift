#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A feature with the statistics that scale its numbers, in this dataset and in new data.
public struct Feature: Sendable, Equatable, Codable {
  /// The name, the origin and the scaling.
  public let request: FeatureRequest
  /// The bounds to which numbers are clipped; nil without clipping. In the units of the log, as in all
  /// dataset files.
  public let clippedTo: ClosedRange<Double>?
  /// The clipped share below and above the bounds; nil without clipping, and in files of versions that
  /// did not store it.
  public let clippedShare: Double?
  /// Events without the number.
  public let missingCount: Int
  /// The mean of the numbers, after clipping and, for ``FeatureScaling/log``, the logarithm. It replaces
  /// a missing number.
  public let mean: Double
  /// Their standard deviation (with the divisor n).
  public let deviation: Double
  /// Their minimum.
  public let least: Double
  /// Their maximum.
  public let most: Double

  /// The input of a model for a number of the log, NaN if it is missing.
  public func scaled(_ number: Double) -> Float {
    let value = number.isNaN ? mean : transformed(number)
    switch request.scaling {
    case .none, .log: return Float(value)
    case .standardize: return deviation > 0 ? Float((value - mean) / deviation) : 0
    case .minMax: return most > least ? Float((value - least) / (most - least)) : 0
    }
  }

  /// A number of the log, after clipping and, if set, the logarithm, minus the mean and divided by the deviation; NaN if
  /// it is missing.
  package func standardized(_ number: Double) -> Float {
    guard !number.isNaN else { return .nan }
    return deviation > 0 ? Float((transformed(number) - mean) / deviation) : 0
  }

  /// The number of the log that ``standardized(_:)`` makes this value of, if it is not clipped.
  package func number(ofStandardized value: Float) -> Double {
    let number = mean + deviation * Double(value)
    guard request.scaling == .log else { return number }
    return number < 0 ? -expm1(-number) : expm1(number)
  }

  /// A number after clipping and, if set, the logarithm.
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
  /// Computes the statistics of all numbers of a feature.
  ///
  /// - Parameters:
  ///   - clippedShare: As ``FeatureRules/clippedShare``.
  ///   - forEach: Gives the numbers of the log, NaN if one is missing.
  init(
    _ request: FeatureRequest, clippedShare: Double,
    of forEach: @escaping OrderStatistic.Each<Double>
  ) {
    func forEachKnown(_ take: (Double) -> Void) { forEach { if !$0.isNaN { take($0) } } }
    var range: ClosedRange<Double>?
    if clippedShare > 0 {
      var count = 0
      forEachKnown { _ in count += 1 }
      // The minimum number that at least this share does not exceed.
      let ranks = [clippedShare, 1 - clippedShare].map {
        min(count - 1, max(0, Int(($0 * Double(count)).rounded(.up)) - 1))
      }
      let bounds = count > 0 ? OrderStatistic.numbers(at: ranks, forEachKnown) : nil
      range = bounds.map { $0[0]...$0[1] }
    }
    self.init(
      request, clippedTo: range, clippedShare: clippedShare > 0 ? clippedShare : nil, of: forEach)
  }

  /// The same feature with the statistics of other numbers; bounds of an unknown share are kept.
  func fitted(to forEach: @escaping OrderStatistic.Each<Double>) -> Feature {
    guard let clippedShare else {
      return Feature(request, clippedTo: clippedTo, clippedShare: nil, of: forEach)
    }
    return Feature(request, clippedShare: clippedShare, of: forEach)
  }

  private init(
    _ request: FeatureRequest, clippedTo range: ClosedRange<Double>?, clippedShare: Double?,
    of forEach: @escaping OrderStatistic.Each<Double>
  ) {
    self.request = request
    self.clippedShare = clippedShare
    clippedTo = range
    var (count, missing, sum) = (0, 0, 0.0)
    var (least, most) = (Double.infinity, -Double.infinity)
    forEach { number in
      if number.isNaN {
        missing += 1
        return
      }
      let value = Self.transformed(number, request.scaling, range)
      (count, sum) = (count + 1, sum + value)
      (least, most) = (min(least, value), max(most, value))
    }
    let n = Double(max(1, count))
    let mean = sum / n
    var squares = 0.0
    forEach { number in
      if number.isNaN { return }
      let error = Self.transformed(number, request.scaling, range) - mean
      squares += error * error
    }
    missingCount = missing
    self.mean = mean
    deviation = (squares / n).squareRoot()
    (self.least, self.most) = count > 0 ? (least, most) : (0, 0)
  }

  private enum CodingKeys: String, CodingKey {
    case request = "feature"
    case clippedTo = "clipped_to"
    case clippedShare = "clipped_share"
    case missingCount = "missing"
    case mean, deviation, least, most
  }
}
