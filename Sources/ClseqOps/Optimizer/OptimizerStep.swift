import Foundation

/// The numbers of one step, computed in Double as PyTorch does.
enum OptimizerStep {
  case adamW(AdamNumbers)
  case adam(AdamNumbers)
  case sgd(SGDNumbers)

  init(_ settings: OptimizerSettings, learningRate: Double, step: Int) {
    precondition(step > 0, "OptimizerStep: step \(step); steps count from 1")
    switch settings.rule {
    case .adamW(let beta1, let beta2, let epsilon):
      self = .adamW(
        AdamNumbers(
          decay: Float(1 - learningRate * settings.weightDecay), beta1, beta2, epsilon,
          learningRate, step))
    case .adam(let beta1, let beta2, let epsilon):
      self = .adam(
        AdamNumbers(
          decay: Float(settings.weightDecay), beta1, beta2, epsilon, learningRate, step))
    case .sgd(let momentum, let nesterov):
      self = .sgd(
        SGDNumbers(
          decay: Float(settings.weightDecay), momentum: Float(momentum),
          gradientRate: nesterov ? Float(learningRate) : 0,
          momentumRate: Float(nesterov ? learningRate * momentum : learningRate)))
    }
  }
}

/// Numbers of Adam and AdamW.
struct AdamNumbers {
  /// AdamW: the factor of a parameter, `1 − rate · decay`. Adam: the decay itself.
  let decay: Float
  /// 1 − β₁, the weight of the new gradient in the first moment.
  let weight1: Float
  let beta2: Float
  /// 1 − β₂, the weight of the new squared gradient in the second moment.
  let weight2: Float
  /// rate / (1 − β₁ᵗ).
  let stepSize: Float
  /// 1 / √(1 − β₂ᵗ).
  let rootCorrection: Float
  let epsilon: Float

  init(
    decay: Float, _ beta1: Double, _ beta2: Double, _ epsilon: Double, _ learningRate: Double,
    _ step: Int
  ) {
    self.decay = decay
    weight1 = Float(1 - beta1)
    self.beta2 = Float(beta2)
    weight2 = Float(1 - beta2)
    stepSize = Float(learningRate / (1 - pow(beta1, Double(step))))
    rootCorrection = Float(1 / (1 - pow(beta2, Double(step))).squareRoot())
    self.epsilon = Float(epsilon)
  }
}

/// Numbers of gradient descent.
struct SGDNumbers {
  let decay: Float
  let momentum: Float
  /// Learning rate applied to the gradient (Nesterov).
  let gradientRate: Float
  /// Learning rate applied to the momentum.
  let momentumRate: Float
}
