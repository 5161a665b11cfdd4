/// Every tolerance of the test suite, with the reason for its size.
public enum Tolerance {
  /// Central differences in Double with a step of 1e-5: truncation and rounding both near 1e-9.
  public static let centralDifference = 1e-6

  /// Probabilities in Double, summed over at most a few dozen terms of size one or less.
  public static let probability = 1e-12

  /// A mean of a few numbers in Double.
  public static let mean = 1e-15

  /// The width of a bootstrap interval, relative: bounds from 2,000 resamples vary by some 4 % of
  /// it.
  public static let bootstrapWidth = 0.15

  /// Values of an op in Float against its reference in Float, where each value takes a few
  /// roundings (2^-24 each) of terms near the result's size.
  public static let singleValues = 2e-6

  /// Normal numbers of size six at most in Float, from an angle up to 2 π with an error of 2^-23 of itself.
  public static let normalNumbers = 1e-5

  /// Sums of up to a few thousand terms in Float in two different orders.
  public static let sums = 2e-5

  /// Hidden states of size one after two blocks in Float: some hundred roundings of 6e-8 each.
  public static let hiddenState: Float = 2e-5

  /// Gradients of a whole model's parameters in Float, relative to the largest: a few dozen events
  /// pass some ten ops forward and back, each with sums in another order.
  public static let modelGradient: Float = 5e-5

  /// Gradients of a whole model's parameters from activations that were stored with 7 bits after the point,
  /// relative to the largest: each is off by 2^-9 of itself at most, and sums of a few dozen events pass some
  /// ten ops. On two devices a value at the middle of two stored ones may be rounded to either.
  public static let halfStorageGradient = 2e-2

  /// Losses over ten steps, whose parameters drift apart by their roundings: 1e-3 for a loss near
  /// 4, and in proportion for smaller losses.
  public static func loss(_ loss: Float) -> Float { 2.5e-4 * max(abs(loss), 0.1) }

  /// A mean cross-entropy, relative: rounding of float scores of some hundreds is near 1e-5.
  public static let crossEntropy = 1e-5

  /// Its gradients, relative to their largest entry: the rounding of such a score is an absolute
  /// error of its logarithm.
  public static let crossEntropyGradient = 5e-5

  /// Attention in Float against the reference in Float, relative to the largest value: sums of up
  /// to 200 terms, and gradients that are differences of such sums.
  public static let attention: Float = 2e-5

  /// Recurrent layers in Float against the reference in Float, relative to the largest value: 200
  /// steps of sums in two orders, whose roundings accumulate.
  public static let recurrence = 5e-5

  /// Linear scans with complex poles, relative likewise: an angle of up to a turn is off by 2^-22 in each of 200 steps, and
  /// gradients of angles are sums of terms that grow with the steps.
  public static let complexScan = 5e-4

  /// Recurrent layers in Float against PyTorch in Double over a few steps, relative likewise.
  public static let recurrentGolden = 5e-6

  /// Target attention in Float against the reference in Float, relative to the largest value:
  /// gradients are sums of up to thousands of pairs of events, each through a sigmoid of a sum.
  public static let targetAttention = 3e-5

  /// Mean gains of a few hundred equal ranks, summed in Double in another order and written with
  /// all their digits.
  public static let meanGain = 1e-12

  /// A log-likelihood at equal coefficients, relative: statsmodels starts differenced series from a
  /// variance of 1e6 in place of an infinite one, and finds mean and variance by a search.
  public static let likelihood = 1e-5

  /// A maximum log-likelihood, relative: both searches stop near the maximum.
  public static let bestLikelihood = 1e-3

  /// Forecasts at equal coefficients, in standard errors of the first step: as of the likelihood,
  /// whose flat top leaves the mean and the variance uncertain by the root of that.
  public static let forecast = 5e-3

  /// Forecasts of two searches for the best coefficients, in standard errors of the first step.
  public static let bestForecast = 0.05

  /// Filtered and smoothed states of some dozens, their variances and the likelihood at equal variances: both
  /// sides take in 90 days in Double from an exact diffuse start.
  public static let smoothedState = 1e-6

  /// A maximum log-likelihood of a structural model: both searches stop near the maximum.
  public static let bestLogLikelihood = 0.01

  /// Central differences of outputs in Float with a step of a hundredth: a third derivative of size one,
  /// times a sixth of its square, and the rounding of the outputs.
  public static let gaussianSlope = 2e-4

  /// A feature's scaled number, of the size of one: the rounding of Double to Float.
  public static let scaledFeature = 1e-6

  /// A count of independent events, in standard deviations: exceeded one time in two million.
  public static let deviations = 5.0

  /// Chances that a draw without replacement holds an item, relative: the formula takes the number
  /// of tries for a constant, and is some 2 % off where a third of 30 unlike items is drawn.
  public static let inclusion = 0.03

  /// The sum of such chances, of which Float keeps the logarithms.
  public static let inclusionSum = 1e-4

  /// A chi-square statistic of so many degrees of freedom: exceeded as rarely as ``deviations`` on
  /// one side. Source: Wilson and Hilferty, The distribution of chi-square, PNAS 1931.
  public static func chiSquare(degrees: Int) -> Double {
    let spread = 2 / (9 * Double(degrees))
    let root = 1 - spread + deviations * spread.squareRoot()
    return Double(degrees) * root * root * root
  }
}
