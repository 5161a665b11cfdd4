import ClseqRuntime

extension Tape {
  /// The Kullback-Leibler divergence of normal distributions from N(0, 1), in nats: `scale · Σ_b Σ_c max(least, k)`,
  /// `k = (eˡ + m² − 1 − l) / 2`, in a fixed order.
  ///
  /// A dimension of a sequence whose divergence is at most `least`, its free nats, has no gradient. In training the
  /// gradient is computed in the forward pass, so the backward pass must start from the loss, with gradient one; weight
  /// several losses by `scale`.
  ///
  /// Sources: Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), appendix B; free nats of each dimension
  /// as in Kingma et al., "Improved variational inference with inverse autoregressive flow" (NeurIPS 2016), appendix C.8,
  /// but for each sequence by itself, as in Li et al., "A surprisingly effective fix for deep latent variable modeling of
  /// text" (EMNLP 2019).
  ///
  /// - Parameters:
  ///   - mean: m, `[B, C]`.
  ///   - logVariance: l, `[B, C]`.
  ///   - least: Free nats of a dimension, at least 0.
  ///   - scale: Factor of the sum.
  /// - Returns: The loss `[1]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func gaussianDivergence(
    mean: Tensor, logVariance: Tensor, least: Float = 0, scale: Float
  ) throws -> Tensor {
    precondition(
      mean.shape.count == 2 && mean.shape == logVariance.shape && least >= 0,
      "gaussianDivergence: \(mean.shape), \(logVariance.shape), \(least) free nats")
    let gradients =
      isTraining ? (try backend.empty(mean.shape), try backend.empty(mean.shape)) : nil
    let loss: Tensor
    if backend.isReference {
      loss = try backend.empty([1])
      loss.floats[0] = GaussianReference.divergence(
        mean: mean.floats, logVariance: logVariance.floats, least: least, scale: scale,
        gradients: gradients.map { ($0.floats, $1.floats) })
    } else {
      let (n, d) = (mean.shape[0], mean.shape[1])
      let losses = try backend.empty([n])
      try backend.launch(
        "gaussian_divergence", in: "gaussian", backend.tuning.rowGrid(n),
        cost: KernelCost(bytes: Double(16 * n * d)), mean, logVariance, losses,
        gradients?.0 ?? losses, gradients?.1 ?? losses, Int32(gradients == nil ? 0 : 1), Int32(n),
        Int32(d), least, scale)
      loss = try backend.sumLosses(losses, scale: scale)
    }
    if let gradients {
      record(loss) { [mean = mean.identity, logVariance = logVariance.identity] tape, _ in
        try tape.passGradient(gradients.0, to: mean)
        try tape.passGradient(gradients.1, to: logVariance)
      }
    }
    return loss
  }
}
