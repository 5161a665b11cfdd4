/// The expected calibration error: how far predicted probabilities are from what happens.
///
///     ECE = Σ over bins of (cases in the bin / n) · |share of positives − mean probability|
///
/// Bins of equal width are (i/M, (i+1)/M], the first with 0 (Guo et al., On calibration of modern
/// neural networks, ICML 2017, equation 3). Bins of equal mass hold the same number of cases each
/// (Nguyen and O'Connor, Posterior calibration and exploratory analysis, EMNLP 2015), but equal
/// probabilities stay in one bin. Probabilities are clipped to [0, 1].
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
    public let count: Int
    /// The mean of their probabilities.
    public let meanProbability: Double
    /// The share of them that are positive.
    public let positiveShare: Double

    fileprivate init(_ cases: ArraySlice<Case>) {
      count = cases.count
      meanProbability = cases.reduce(0) { $0 + $1.probability } / Double(cases.count)
      positiveShare = Double(cases.count { $0.label }) / Double(cases.count)
    }
  }

  fileprivate typealias Case = (probability: Double, label: Bool)

  /// `ECE`.
  public static let name = "ECE"
  /// M: the number of bins.
  public let binCount: Int
  /// How cases are put into them.
  public let binning: Binning

  /// The calibration error over at least one bin.
  public init(binCount: Int = 15, _ binning: Binning = .equalWidth) {
    precondition(binCount >= 1, "ECE over \(binCount) bins")
    self.binCount = binCount
    self.binning = binning
  }

  /// The name with the bins, such as `ECE (15 bins)` or `ECE (15 bins of equal mass)`.
  public var title: String {
    "\(Self.name) (\(binCount) bins\(binning == .equalMass ? " of equal mass" : ""))"
  }

  /// - Parameters:
  ///   - labels: What happened.
  ///   - scores: The predicted probability of each case; as many as labels.
  /// - Returns: Nil if there is no label.
  public func value(labels: some Collection<Bool>, scores: some Collection<Double>) -> Double? {
    guard scores.allSatisfy({ !$0.isNaN }) else { return .nan }
    let bins = bins(labels: labels, scores: scores)
    guard !bins.isEmpty else { return nil }
    let gaps = bins.map { Double($0.count) * abs($0.positiveShare - $0.meanProbability) }
    return gaps.reduce(0, +) / Double(labels.count)
  }

  /// The bins that have cases, in ascending order of probability: the points of a reliability
  /// diagram. A probability that is not a number counts as 0.
  public func bins(labels: some Collection<Bool>, scores: some Collection<Double>) -> [Bin] {
    Self.requireEqualCounts(["labels": labels.count, "probabilities": scores.count])
    let cases = zip(scores, labels)
      .map { score, label in Case(min(max(0, score), 1), label) }
      .sorted { $0.probability < $1.probability }
    var bins: [Bin] = []
    var start = 0
    for bin in 0..<binCount {
      let end = end(of: bin, in: cases, from: start)
      if end > start { bins.append(Bin(cases[start..<end])) }
      start = end
    }
    return bins
  }

  /// Where a bin of ascending cases ends, at `start` or behind.
  private func end(of bin: Int, in cases: [Case], from start: Int) -> Int {
    switch binning {
    case .equalWidth:
      let bound = Double(bin + 1) / Double(binCount)
      return cases[start...].firstIndex { $0.probability > bound } ?? cases.count
    case .equalMass:
      let middle = max(start, cases.count * (bin + 1) / binCount)
      guard middle > start else { return start }
      let last = cases[middle - 1].probability
      return cases[middle...].firstIndex { $0.probability > last } ?? cases.count
    }
  }
}
