/// Sizes and layout of a product C = op(A) op(B), or of a batch of them, in row-major arrays.
///
/// op(A) is `[M, K]` and op(B) `[K, N]`; op transposes an operand that is stored the other way
/// round. At most one operand is transposed. Strides are in floats.
package struct MatmulShape: Sendable, CustomStringConvertible {
  package let m: Int
  package let n: Int
  package let k: Int
  package let batch: Int
  /// Whether A is stored as `[K, M]`.
  package let transposeA: Bool
  /// Whether B is stored as `[N, K]`.
  package let transposeB: Bool
  /// Distances between the rows of A, B and C in memory.
  package var rowStrides: (a: Int, b: Int, c: Int)
  /// Distances between the matrices of a batch; 0 where all share one.
  package var batchStrides: (a: Int, b: Int, c: Int)

  /// Contiguous matrices.
  package init(
    m: Int, n: Int, k: Int, batch: Int = 1, transposeA: Bool = false, transposeB: Bool = false
  ) {
    precondition(!(transposeA && transposeB), "MatmulShape: both operands transposed")
    (self.m, self.n, self.k, self.batch) = (m, n, k, batch)
    self.transposeA = transposeA
    self.transposeB = transposeB
    rowStrides = (transposeA ? m : k, transposeB ? k : n, n)
    batchStrides = (m * k, k * n, m * n)
  }

  /// Minimum number of floats of the arrays A, B and C.
  package var extents: (a: Int, b: Int, c: Int) {
    func extent(_ rows: Int, _ columns: Int, _ rowStride: Int, _ batchStride: Int) -> Int {
      rows == 0 || columns == 0 ? 0 : (batch - 1) * batchStride + (rows - 1) * rowStride + columns
    }
    let a = transposeA ? (k, m) : (m, k)
    let b = transposeB ? (n, k) : (k, n)
    return (
      extent(a.0, a.1, rowStrides.a, batchStrides.a),
      extent(b.0, b.1, rowStrides.b, batchStrides.b), extent(m, n, rowStrides.c, batchStrides.c)
    )
  }

  /// Whether nothing is to be computed.
  package var isEmpty: Bool { m == 0 || n == 0 || batch == 0 }

  /// Floating-point operations.
  package var flops: Double { 2 * Double(m) * Double(n) * Double(k) * Double(batch) }

  /// "nt 25600×192×64".
  package var description: String {
    "\(transposeA ? "t" : "n")\(transposeB ? "t" : "n") \(m)×\(n)×\(k)"
      + (batch == 1 ? "" : ", batch of \(batch)")
  }
}

/// What a product does with a sum x once it is complete.
package enum MatmulEpilogue {
  /// c = x.
  case none
  /// c = f(base + x), f being fused (on a device). GELU also writes its derivative to `keeping`, for the
  /// backward pass.
  case activation(Activation, keeping: Tensor?)
  /// c = x f': the gradient passes through an activation whose derivative (GELU) or result (ReLU)
  /// was kept.
  case activationGradient(Activation, kept: Tensor)

  /// The number of the epilogue in `matmul_common.cl`.
  var code: Int32 {
    switch self {
    case .none: 0
    case .activation(.gelu, keeping: nil): 1
    case .activation(.gelu, keeping: _): 2
    case .activation(.relu, keeping: _): 3
    case .activationGradient(.gelu, kept: _): 4
    case .activationGradient(.relu, kept: _): 5
    case .activation(let function, keeping: _), .activationGradient(let function, kept: _):
      preconditionFailure("matmul: \(function) is not fused")
    }
  }

  /// The array that is kept for the backward pass, with the layout of C: written by `activation`,
  /// read by `activationGradient`.
  var kept: Tensor? {
    switch self {
    case .none: nil
    case .activation(_, let keeping): keeping
    case .activationGradient(_, let kept): kept
    }
  }
}
