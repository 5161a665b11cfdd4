package import ClseqOps

extension TrainingSettings {
  /// How gradients become steps.
  package var optimizerSettings: OptimizerSettings {
    let rule: OptimizerSettings.Rule =
      switch optimizer {
      case .adamw: .adamW(beta1: beta1, beta2: beta2)
      case .adam: .adam(beta1: beta1, beta2: beta2)
      case .sgd: .sgd(momentum: momentum, nesterov: nesterov)
      }
    return OptimizerSettings(rule, weightDecay: weightDecay, maximumGradientNorm: clipNorm)
  }
}
