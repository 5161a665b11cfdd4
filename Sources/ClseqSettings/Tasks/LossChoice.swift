/// The loss that training minimises. Tasks list the losses that they take.
public enum LossChoice: String, CaseIterable, Codable, Sendable {
  /// Cross-entropy for items and classes, squared error for numbers.
  case auto
  /// Softmax cross-entropy over all items or classes.
  case crossEntropy = "cross-entropy"
  /// Softmax cross-entropy over sampled items, with logQ correction.
  case sampledSoftmax = "sampled-softmax"
  /// Binary cross-entropy, for items with sampled negatives.
  case bce
  /// The same, calibrated (gSASRec).
  case gbce
  /// Bayesian personalised ranking.
  case bpr
  /// Squared error.
  case mse
  /// Absolute error.
  case mae
  /// Huber's loss.
  case huber
}
