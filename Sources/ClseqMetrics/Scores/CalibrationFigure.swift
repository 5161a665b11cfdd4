#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The calibration error of cases of users, with an interval that allows for its bias.
///
/// The error is Σ |G_b| over bins, where G_b is the sum of label minus probability over the cases of
/// bin b, divided by the number of cases. Because of the absolute values its mean is too large, and
/// that of resamples even more: their percentiles may lie above the error itself, and miss the true
/// one. With the changes h_b = G_b of the resample − G_b, the bounds are instead percentiles of
///
///     lower: max(0, Σ |G_b| − Σ over clear bins of sign(G_b) h_b − Σ over other bins of |h_b|)
///     upper: Σ |G_b| − Σ sign(G_b) h_b
///
/// A bin is clear if |G_b| exceeds √(ln U) of its standard errors, for U users. The lower bound has
/// the directional derivative of the error, the upper one its linear part. Bins are those of all
/// cases. Sources: Fang and Santos, Inference on directionally differentiable functions, Review of
/// Economic Studies 2019; the threshold is that of Andrews and Soares, Econometrica 2010.
struct CalibrationFigure: UserFigure {
  private let metric: CalibrationError
  private let cases: OrderedCases
  /// The place after the last case of each bin.
  private var ends: [Int] = []
  /// G_b.
  private var gaps: [Double] = []
  private var isClear: [Bool] = []

  init(_ metric: CalibrationError, _ cases: OrderedCases) {
    self.metric = metric
    self.cases = cases
    guard !cases.hasNaN else { return }
    for bin in metric.bins(cases) { ends.append((ends.last ?? 0) + bin.count) }
    gaps = gaps([Int32](repeating: 1, count: cases.userCount)) ?? []
    let threshold = log(Double(max(2, cases.userCount)))
    isClear = zip(gaps, variances()).map { $0 * $0 > threshold * $1 }
  }

  var userCount: Int { cases.userCount }

  func value(_ counts: [Int32]) -> Double? { metric.value(of: cases, counts) }

  func bounds(_ counts: [Int32]) -> (lower: Double, upper: Double)? {
    guard !cases.hasNaN else { return (.nan, .nan) }
    guard let drawn = gaps(counts) else { return nil }
    var (error, derivative, linear) = (0.0, 0.0, 0.0)
    for bin in gaps.indices {
      let change = drawn[bin] - gaps[bin]
      let signed = gaps[bin] < 0 ? -change : change
      error += abs(gaps[bin])
      derivative += isClear[bin] ? signed : abs(change)
      linear += signed
    }
    return (max(0, error - derivative), error - linear)
  }

  /// The sums of bins, divided by the number of cases; nil if no case counts.
  private func gaps(_ counts: [Int32]) -> [Double]? {
    var (place, total) = (0, 0.0)
    let sums = ends.map { end in
      var sum = 0.0
      while place < end {
        let count = Double(counts[Int(cases.users[place])])
        sum += count * gap(place)
        total += count
        place += 1
      }
      return sum
    }
    return total > 0 ? sums.map { $0 / total } : nil
  }

  /// The variance of each G_b, from the sums of users, whose cases are not independent.
  private func variances() -> [Double] {
    let count = Double(cases.scores.count)
    var (start, sums) = (0, [Double](repeating: 0, count: cases.userCount))
    return ends.map { end in
      let users = cases.users[start..<end]
      for place in start..<end { sums[Int(cases.users[place])] += gap(place) }
      start = end
      return users.reduce(0) { total, user in
        defer { sums[Int(user)] = 0 }
        return total + sums[Int(user)] * sums[Int(user)] / (count * count)
      }
    }
  }

  /// The label of a case minus its probability.
  private func gap(_ place: Int) -> Double {
    (cases.labels[place] ? 1 : 0) - min(max(0, cases.scores[place]), 1)
  }
}
