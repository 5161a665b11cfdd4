#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A curve that maps predicted probabilities of a yes to calibrated ones.
///
/// Fitted on cases that the model was not trained on, such as those of the validation. Rankings do
/// not change, except for probabilities that isotonic regression makes equal.
public struct Recalibration: Sendable, Equatable, Codable {
  /// The form of the curve.
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// `sigmoid(slope · logit + intercept)` (Platt, Probabilistic outputs for support vector
    /// machines, 1999): two numbers, for hundreds of cases.
    case platt
    /// Isotonic regression (Zadrozny and Elkan, Transforming classifier scores into accurate
    /// multiclass probability estimates, KDD 2002), linear between the means of its steps: for
    /// thousands of cases.
    case isotonic
  }

  /// The form of the curve.
  public let method: Method
  /// The number of cases that it was fitted on.
  public let cases: Int
  /// Of `platt`.
  public let slope: Double
  /// Of `platt`.
  public let intercept: Double
  /// Of `isotonic`, ascending: probabilities of the model.
  public let inputs: [Double]
  /// The calibrated probabilities, as many; they do not decrease.
  public let outputs: [Double]

  /// Fits a curve.
  ///
  /// - Parameters:
  ///   - method: The form of the curve.
  ///   - logits: The predicted logit of a yes of each case.
  ///   - labels: The outcome of each case, as many.
  /// - Returns: Nil without a positive, without a negative, and if a logit is not a number.
  public init?(_ method: Method, logits: [Double], labels: [Bool]) {
    precondition(
      logits.count == labels.count, "\(logits.count) logits and \(labels.count) labels")
    let positives = labels.count { $0 }
    guard positives > 0, positives < labels.count, !logits.contains(where: \.isNaN) else {
      return nil
    }
    self.method = method
    cases = labels.count
    switch method {
    case .platt:
      (slope, intercept) = Self.line(logits, labels, positives)
      (inputs, outputs) = ([], [])
    case .isotonic:
      (slope, intercept) = (1, 0)
      (inputs, outputs) = Self.steps(logits.map(Self.sigmoid), labels)
    }
  }

  /// The calibrated probability.
  ///
  /// - Parameter logit: The predicted logit of a yes.
  public func probability(logit: Double) -> Double {
    guard !logit.isNaN else { return .nan }
    if method == .platt {
      return Self.sigmoid(slope * min(max(logit, -700), 700) + intercept)
    }
    let probability = Self.sigmoid(logit)
    guard let first = inputs.first, probability > first else { return outputs.first ?? probability }
    var (low, high) = (0, inputs.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if inputs[middle] <= probability { low = middle } else { high = middle }
    }
    guard high < inputs.count else { return outputs[low] }
    let fraction = (probability - inputs[low]) / (inputs[high] - inputs[low])
    return outputs[low] + fraction * (outputs[high] - outputs[low])
  }

  /// Newton's method for the two numbers, with Platt's targets (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2),
  /// which keep them finite if a threshold separates the labels.
  private static func line(
    _ logits: [Double], _ labels: [Bool], _ positives: Int
  ) -> (slope: Double, intercept: Double) {
    let logits = logits.map { min(max($0, -700), 700) }
    let high = Double(positives + 1) / Double(positives + 2)
    let low = 1 / Double(labels.count - positives + 2)
    func loss(_ slope: Double, _ intercept: Double) -> Double {
      zip(logits, labels).reduce(0) { sum, each in
        let z = slope * each.0 + intercept
        return sum + max(z, 0) + log1p(exp(-abs(z))) - (each.1 ? high : low) * z
      }
    }
    var (slope, intercept) = (1.0, 0.0)
    var best = loss(slope, intercept)
    for _ in 0..<100 {
      var (g0, g1, h00, h01, h11) = (0.0, 0.0, 1e-12, 0.0, 1e-12)
      for (logit, label) in zip(logits, labels) {
        let p = sigmoid(slope * logit + intercept)
        let (gap, weight) = (p - (label ? high : low), p * (1 - p))
        g0 += gap * logit
        g1 += gap
        h00 += weight * logit * logit
        h01 += weight * logit
        h11 += weight
      }
      let determinant = h00 * h11 - h01 * h01
      guard determinant > 1e-18 else { break }
      let steps = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant)
      var size = 1.0
      while size > 1e-10 {
        let new = loss(slope - size * steps.0, intercept - size * steps.1)
        if new <= best { break }
        size /= 2
      }
      guard size > 1e-10 else { break }
      (slope, intercept) = (slope - size * steps.0, intercept - size * steps.1)
      let before = best
      best = loss(slope, intercept)
      if before - best <= 1e-12 * abs(before) { break }
    }
    return (slope, intercept)
  }

  /// Pools adjacent violators (Ayer et al., 1955). A step stands at its mean probability; its value
  /// is at least 1/2n and at most 1 − 1/2n for n cases.
  private static func steps(
    _ probabilities: [Double], _ labels: [Bool]
  ) -> (inputs: [Double], outputs: [Double]) {
    var blocks: [(count: Double, sum: Double, positives: Double)] = []
    OrderedCases(scores: probabilities, labels: labels).forEachTie(nil) { tie in
      blocks.append((Double(tie.count), Double(tie.count) * tie.score, Double(tie.positives)))
      while blocks.count > 1 {
        let (last, before) = (blocks[blocks.count - 1], blocks[blocks.count - 2])
        guard before.positives * last.count >= last.positives * before.count else { break }
        blocks.removeLast()
        blocks[blocks.count - 1] = (
          before.count + last.count, before.sum + last.sum, before.positives + last.positives
        )
      }
    }
    let margin = 0.5 / Double(labels.count)
    return (
      blocks.map { $0.sum / $0.count },
      blocks.map { min(max($0.positives / $0.count, margin), 1 - margin) }
    )
  }

  private static func sigmoid(_ x: Double) -> Double {
    x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
  }
}
