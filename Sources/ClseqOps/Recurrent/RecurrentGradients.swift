extension Tape {
  /// dW += dgatesᵀ rows, db += column sums of dgates.
  func recurrentWeightGradients(
    _ dgates: Tensor, _ rows: Tensor, weight: Parameter, bias: Parameter
  ) throws {
    try backend.matmul(
      dgates, rows, into: weight.gradient,
      MatmulShape(m: weight.shape[0], n: weight.shape[1], k: rows.shape[0], transposeA: true),
      base: weight.gradient, columnSums: bias.gradient)
  }

  /// dx += dgates W.
  func recurrentInputGradient(_ dgates: Tensor, of x: Tensor, weight: Parameter) throws {
    let dx = try gradientSlot(of: x)
    try backend.matmul(
      dgates, weight.value, into: dx.out,
      MatmulShape(m: x.shape[0], n: x.shape[1], k: weight.shape[0]), base: dx.addend)
  }
}
