import ClseqRuntime
import Foundation

/// Settings of AdamW (Loshchilov and Hutter 2019) that stay the same during a run.
public struct AdamWSettings: Equatable, Sendable {
  /// Decay of the first moments.
  public var beta1: Double
  /// Decay of the second moments.
  public var beta2: Double
  /// Added to the root of the second moments.
  public var epsilon: Double
  /// Share of a parameter, times the learning rate, that each step takes away.
  public var weightDecay: Double
  /// The gradient over all parameters is scaled down to this norm (Pascanu, Mikolov, Bengio 2013);
  /// 0 means no limit.
  public var maximumGradientNorm: Double

  /// The house's defaults.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.98, epsilon: Double = 1e-8, weightDecay: Double = 0.01,
    maximumGradientNorm: Double = 0
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.maximumGradientNorm = maximumGradientNorm
  }
}

/// The numbers of one step, computed in Double as PyTorch does.
struct AdamWStep {
  let decay: Float
  let rest1: Float
  let beta2: Float
  let rest2: Float
  let stepSize: Float
  let rootCorrection: Float
  let epsilon: Float
  let maximumNorm: Float

  init(_ settings: AdamWSettings, learningRate: Double, step: Int) {
    precondition(step > 0, "AdamW: step \(step); the first one is 1")
    decay = Float(1 - learningRate * settings.weightDecay)
    rest1 = Float(1 - settings.beta1)
    beta2 = Float(settings.beta2)
    rest2 = Float(1 - settings.beta2)
    stepSize = Float(learningRate / (1 - pow(settings.beta1, Double(step))))
    rootCorrection = Float(1 / (1 - pow(settings.beta2, Double(step))).squareRoot())
    epsilon = Float(settings.epsilon)
    maximumNorm = Float(settings.maximumGradientNorm)
  }
}

extension ParameterStore {
  /// One step of AdamW over all parameters: `p −= rate · (decay · p + m̂ / (√v̂ + epsilon))`.
  ///
  /// Gradients stay as they are. The host waits for nothing.
  ///
  /// - Parameter step: number of the step, from 1.
  /// - Returns: `[2]`: the norm of the gradient before clipping, and the factor that clipped it.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  @discardableResult
  public func adamW(
    _ settings: AdamWSettings, learningRate: Double, step: Int
  ) throws -> Tensor {
    let now = AdamWStep(settings, learningRate: learningRate, step: step)
    let norm = try backend.empty([2])
    if backend.isReference {
      AdamWReference.step(
        parameters: values.floats, gradients: gradients.floats, firstMoments: firstMoments.floats,
        secondMoments: secondMoments.floats, norm: norm.floats, now)
      return norm
    }
    let blocks = 256  // BLOCKS of adamw.cl
    let items = backend.tuning == .gpu ? 256 : 1
    let count = flatCount
    let partial = try backend.empty([blocks])
    try backend.launch(
      "adamw_square_sums", in: "adamw", Grid(groups: blocks, size: items),
      cost: KernelCost(bytes: Double(4 * count)), gradients, partial, UInt64(count))
    try backend.launch(
      "adamw_norm", in: "adamw", Grid(groups: 1), cost: KernelCost(bytes: Double(4 * blocks)),
      partial, norm, now.maximumNorm)
    try backend.launch(
      "adamw_step", in: "adamw", backend.tuning.elementGrid(count),
      cost: KernelCost(bytes: Double(28 * count)), values, gradients, firstMoments, secondMoments,
      norm, UInt64(count), now.decay, now.rest1, now.beta2, now.rest2, now.stepSize,
      now.rootCorrection, now.epsilon)
    return norm
  }
}
