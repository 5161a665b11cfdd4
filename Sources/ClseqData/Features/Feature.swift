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
  ///   - clippedShare: As ``FeatureRules/clippedShare``.
  ///   - forEach: Gives the numbers as the log has them, NaN where one is missing.
  init(
    _ request: FeatureRequest, clippedShare: Double,
    of forEach: @escaping OrderStatistic.Each<Double>
  ) {
    func forEachKnown(_ take: (Double) -> Void) { forEach { if !$0.isNaN { take($0) } } }
    var range: ClosedRange<Double>?
    if clippedShare > 0 {
      var count = 0
      forEachKnown { _ in count += 1 }
      // The least number that at least a share of all does not exceed.
      let ranks = [clippedShare, 1 - clippedShare].map {
        min(count - 1, max(0, Int(($0 * Double(count)).rounded(.up)) - 1))
      }
      let bounds = count > 0 ? OrderStatistic.numbers(at: ranks, forEachKnown) : nil
      range = bounds.map { $0[0]...$0[1] }
    }
    self.init(
      request, clippedTo: range, clippedShare: clippedShare > 0 ? clippedShare : nil, of: forEach)
  }

  /// The same feature with the statistics of other numbers; bounds of an unknown share stay.
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
