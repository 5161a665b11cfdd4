import ClseqRuntime

extension Tape {
  /// A draw from a normal distribution for each sequence and dimension, through which gradients pass:
  /// `z = m + exp(l / 2) ε`, ε from N(0, 1). In inference it is the mean.
  ///
  /// ε depends on seed, layer, epoch, sequence and dimension alone.
  ///
  /// Source: Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), section 2.4; the numbers are those of
  /// Box and Muller (1958).
  ///
  /// - Parameters:
  ///   - mean: m, `[B, C]`.
  ///   - logVariance: l, the logarithms of the variances, `[B, C]`.
  ///   - sequences: Index of each row's sequence in the dataset, `[B]`.
  ///   - layer: Name of the layer; no two draws of a model may share it.
  /// - Returns: `[B, C]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func gaussianSample(
    mean: Tensor, logVariance: Tensor, sequences: Indices, layer: String
  ) throws -> Tensor {
    precondition(
      mean.shape.count == 2 && mean.shape == logVariance.shape && sequences.count == mean.shape[0]
        && mean.id != logVariance.id,
      "gaussianSample: \(mean.shape), \(logVariance.shape), \(sequences.count) sequences")
    guard let key = randomKey(layer) else { return mean }
    let noise = GaussianNoise(key: key, sequences: sequences)
    let z = try backend.empty(mean.shape)
    let (n, d) = (z.shape[0], z.shape[1])
    if backend.isReference {
      GaussianReference.sample(
        mean: mean.floats, logVariance: logVariance.floats, z.floats,
        sequences: sequences.values, key: key)
    } else {
      try backend.launch(
        "gaussian_sample", in: "gaussian", backend.tuning.rowGrid(n),
        cost: KernelCost(bytes: Double(12 * n * d)), mean, logVariance, noise, z, Int32(n), Int32(d)
      )
    }
    record(z) { [mean = mean.identity, logVariance = try kept(logVariance)] tape, dz in
      try tape.gaussianSampleBackward(dz, noise, mean: mean, logVariance: logVariance)
    }
    return z
  }

  private func gaussianSampleBackward(
    _ dz: Tensor, _ noise: GaussianNoise, mean: Tensor, logVariance: Tensor
  ) throws {
    let (n, d) = (dz.shape[0], dz.shape[1])
    let (dmean, dlog) = (try gradientSlot(of: mean), try gradientSlot(of: logVariance))
    let logVariance = try restored(logVariance)
    if backend.isReference {
      GaussianReference.sampleBackward(
        dz: dz.floats, logVariance: logVariance.floats, meanBase: dmean.addend?.floats,
        meanGradient: dmean.out.floats, logBase: dlog.addend?.floats,
        logGradient: dlog.out.floats, sequences: noise.sequences.values, key: noise.key)
    } else {
      try backend.launch(
        "gaussian_sample_backward", in: "gaussian", backend.tuning.rowGrid(n),
        cost: KernelCost(bytes: Double(16 * n * d)), dz, logVariance, noise, dmean, dlog, Int32(n),
        Int32(d))
    }
  }
}

/// Everything that determines the numbers of a draw.
private struct GaussianNoise: KernelArgument {
  let key: LayerKey
  /// Index of each row's sequence in the dataset, `[B]`.
  let sequences: Indices

  func add(to arguments: inout KernelArguments) {
    arguments.add(sequences, key.key[0], key.key[1], key.epoch)
  }
}
