/// The expected calibration error: the mean distance of predicted probabilities from frequencies.
///
///     ECE = Σ over bins of (cases in the bin / n) · |share of positives − mean probability|
///
/// Bins of equal width are (i/M, (i+1)/M], the first with 0 (Guo et al., On calibration of modern
/// neural networks, ICML 2017, equation 3). Bins of equal mass hold the same number of cases each
/// (Nguyen and O'Connor, Posterior calibration and exploratory analysis, EMNLP 2015), but equal
/// probabilities stay in one bin: they are informative where most probabilities are small, as those
/// of clicks, which bins of equal width would put into one bin. Probabilities are clipped to [0,
/// 1].
public struct CalibrationError: ScoreMetric {
  /// How cases are put into bins.
  public enum Binning: Sendable {
    /// Each bin spans the same range of probabilities.
    case equalWidth
    /// Each bin holds the same number of cases.
    case equalMass
  }

  /// The cases of one bin; at least one.
  public struct Bin: Sendable, Equatable {
    /// The number of cases.
    public private(set) var count = 0
    /// The sum of their probabilities.
    private var sum = 0.0
    private var positives = 0

    /// The mean of their probabilities.
    public var meanProbability: Double { sum / Double(count) }
    /// The number of them that are positive.
    public var positiveCount: Int { positives }
    /// The share of them that are positive.
    public var positiveShare: Double { Double(positives) / Double(count) }

    fileprivate mutating func add(_ tie: OrderedCases.Tie) {
      count += tie.count
      sum += Double(tie.count) * min(max(0, tie.score.isNaN ? 0 : tie.score), 1)
      positives += tie.positives
    }
  }

  /// `ECE`.
  public static let name = "ECE"
  /// M: the number of bins.
  public let binCount: Int
  /// How cases are put into bins.
  public let binning: Binning

  /// The calibration error over at least one bin.
  public init(binCount: Int = 15, _ binning: Binning = .equalMass) {
    precondition(binCount >= 1, "ECE over \(binCount) bins")
    self.binCount = binCount
    self.binning = binning
  }

  /// The name with the bins, such as `ECE (15 bins of equal mass)`.
  public var title: String {
    "\(Self.name) (\(binCount) bins of equal \(binning == .equalMass ? "mass" : "width"))"
  }

  /// - Returns: Nil if there is no case.
  public func value(of cases: OrderedCases, _ counts: [Int32]?) -> Double? {
    guard !cases.hasNaN else { return .nan }
    var (total, gaps) = (0, 0.0)
    for bin in bins(cases, counts) {
      total += bin.count
      gaps += Double(bin.count) * abs(bin.positiveShare - bin.meanProbability)
    }
    return total == 0 ? nil : gaps / Double(total)
  }

  /// The calibration error over cases of users, whose interval allows for the bias of absolute
  /// values; it contains the error.
  public func figure(of cases: OrderedCases) -> any UserFigure {
    CalibrationFigure(self, cases)
  }

  /// The bins that have cases, in ascending order of probability: the points of a reliability
  /// diagram. A probability that is not a number counts as 0.
  ///
  /// - Parameters:
  ///   - cases: The cases in ascending order of scores.
  ///   - counts: How often each user counts; once when nil.
  public func bins(_ cases: OrderedCases, _ counts: [Int32]? = nil) -> [Bin] {
    var total = 0
    if binning == .equalMass {
      let totals = cases.totals(counts)
      total = totals.positives + totals.negatives
    }
    var bins: [Bin] = []
    var (current, number, done) = (Bin(), 0, 0)
    func close() {
      if current.count > 0 { bins.append(current) }
      current = Bin()
    }
    cases.forEachTie(counts) { tie in
      switch binning {
      case .equalWidth:
        let isInside = { tie.score <= Double(number + 1) / Double(binCount) }
        while number < binCount - 1, !isInside() {
          close()
          number += 1
        }
        current.add(tie)
      case .equalMass:
        current.add(tie)
        done += tie.count
        guard done >= total * (number + 1) / binCount else { return }
        close()
        while number < binCount, done >= total * (number + 1) / binCount { number += 1 }
      }
    }
    close()
    return bins
  }
}
