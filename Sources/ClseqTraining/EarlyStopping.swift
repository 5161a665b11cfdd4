/// Watches the validation score (NDCG@10; more is better) and says when to stop.
public struct EarlyStopping: Codable, Equatable, Sendable {
  /// Validations without a better score that are borne; 0 for any number.
  public var patience: Int
  /// The epoch with the best score so far, nil before the first.
  public private(set) var bestEpoch: Int?
  /// The score of that epoch.
  public private(set) var bestScore: Double?
  /// Validations since the best.
  public private(set) var staleCount = 0

  /// Has seen no score yet.
  public init(patience: Int) { self.patience = patience }

  /// Takes in the score of an epoch.
  ///
  /// - Returns: whether it is the best so far. An equal score, or one that is no number, is not.
  public mutating func record(epoch: Int, score: Double) -> Bool {
    guard bestScore.map({ score > $0 }) ?? !score.isNaN else {
      staleCount += 1
      return false
    }
    bestEpoch = epoch
    bestScore = score
    staleCount = 0
    return true
  }

  /// Whether patience is at its end.
  public var shouldStop: Bool { patience > 0 && staleCount >= patience }
}
