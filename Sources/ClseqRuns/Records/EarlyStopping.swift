/// Watches the validation score (NDCG@10; more is better) and says when to stop.
///
/// Scores of few users scatter from epoch to epoch, so that a single lucky one would end a training
/// that is still getting better. A validation therefore counts against patience only when neither
/// its score nor the mean of the last ``window`` scores is a new best.
public struct EarlyStopping: Codable, Equatable, Sendable {
  /// Scores in a mean.
  public static let window = 5

  /// Validations in a row without a new best that are borne; 0 for any number.
  public var patience: Int
  /// The epoch with the best score so far, nil before the first.
  public private(set) var bestEpoch: Int?
  /// The score of that epoch.
  public private(set) var bestScore: Double?
  /// The best mean of ``window`` scores in a row, or of all where there are fewer.
  public private(set) var bestMean: Double?
  /// The last scores, at most ``window`` of them.
  public private(set) var recentScores: [Double] = []
  /// Validations since the last new best, of either kind.
  public private(set) var staleCount = 0

  /// Has seen no score yet.
  public init(patience: Int) { self.patience = patience }

  /// Takes in the score of an epoch.
  ///
  /// - Returns: whether it is the best so far. An equal score, or one that is no number, is not.
  public mutating func record(epoch: Int, score: Double) -> Bool {
    guard !score.isNaN else {
      staleCount += 1
      return false
    }
    let isBest = bestScore.map { score > $0 } ?? true
    if isBest { (bestEpoch, bestScore) = (epoch, score) }
    recentScores = recentScores.suffix(Self.window - 1) + [score]
    let mean = recentScores.reduce(0, +) / Double(recentScores.count)
    let isBestMean = bestMean.map { mean > $0 } ?? true
    if isBestMean { bestMean = mean }
    staleCount = isBest || isBestMean ? 0 : staleCount + 1
    return isBest
  }

  /// Whether patience is at its end.
  public var shouldStop: Bool { patience > 0 && staleCount >= patience }
}
