/// How gradients change the parameters: settings that are constant during a run.
public struct OptimizerSettings: Equatable, Sendable {
  /// The rule of one step. `g` is the clipped gradient, `p` a parameter, `t` the step from 1.
  public enum Rule: Equatable, Sendable {
    /// AdamW (Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019): Adam, and
    /// each step also subtracts `rate · decay · p`.
    case adamW(beta1: Double = 0.9, beta2: Double = 0.98, epsilon: Double = 1e-8)
    /// Adam (Kingma and Ba, ICLR 2015): `p −= rate · m̂ / (√v̂ + epsilon)`. Weight decay is part of
    /// the gradient, `g + decay · p`, as in `torch.optim.Adam`.
    case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
    /// Gradient descent as `torch.optim.SGD` has it: `m = momentum · m + g + decay · p`,
    /// `p −= rate · m`; with Nesterov's momentum (Sutskever, Martens, Dahl, Hinton, ICML 2013)
    /// `p −= rate · (g + decay · p + momentum · m)`.
    case sgd(momentum: Double = 0, nesterov: Bool = false)
  }

  /// The rule of one step.
  public var rule: Rule
  /// Weight decay, as defined by the rule.
  public var weightDecay: Double
  /// The gradient over all parameters is scaled down to this norm (Pascanu, Mikolov, Bengio 2013);
  /// 0 means no limit.
  public var maximumGradientNorm: Double

  /// The defaults: AdamW.
  public init(
    _ rule: Rule = .adamW(), weightDecay: Double = 0.01, maximumGradientNorm: Double = 0
  ) {
    self.rule = rule
    self.weightDecay = weightDecay
    self.maximumGradientNorm = maximumGradientNorm
  }
}
