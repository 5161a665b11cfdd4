#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The mean negative log-likelihood of yes-or-no labels, in nats.
///
///     −1/n Σ (y ln p + (1 − y) ln(1 − p))
///
/// Probabilities are clipped to [2⁻⁵², 1 − 2⁻⁵²], so that the maximum cost of one case is 36.04,
/// not infinity. Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.90.
public struct LogLoss: Metric {
  /// `log loss`.
  public static let name = "log loss"
  /// The smallest distance of a probability from 0 and from 1: the step of a Double at 1.
  public static let margin = Double.ulpOfOne

  /// The log loss.
  public init() {}

  /// - Parameters:
  ///   - labels: The outcome of each case.
  ///   - scores: The predicted probability of each case; as many as labels.
  /// - Returns: Nil if there is no label, not a number if a probability is not.
  public func value(labels: some Collection<Bool>, scores: some Collection<Double>) -> Double? {
    Self.requireEqualCounts(["labels": labels.count, "probabilities": scores.count])
    guard !labels.isEmpty else { return nil }
    return zip(labels, scores).reduce(0) { $0 + Self.cost($1.0, $1.1) } / Double(labels.count)
  }

  /// The cost of one case; not a number if the probability is not.
  public static func cost(_ label: Bool, _ score: Double) -> Double {
    guard !score.isNaN else { return .nan }
    let probability = min(max(score, margin), 1 - margin)
    return label ? -log(probability) : -log1p(-probability)
  }
}
