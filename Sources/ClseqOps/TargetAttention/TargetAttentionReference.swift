/// Target attention in plain loops.
package enum TargetAttentionReference {
  /// Inputs and sizes.
  package struct Problem<T: BinaryFloatingPoint> {
    /// q and k `[N, D]`, then their parts of the hidden layer, `[N, E]`.
    let inputs: [UnsafeMutableBufferPointer<T>]
    /// `[E, D]`.
    let product: UnsafeMutableBufferPointer<T>
    /// `[E]`.
    let output: UnsafeMutableBufferPointer<T>
    let lengths: [Int]
    let window: Int

    package init(
      inputs: [UnsafeMutableBufferPointer<T>], product: UnsafeMutableBufferPointer<T>,
      output: UnsafeMutableBufferPointer<T>, lengths: [Int], window: Int
    ) {
      (self.inputs, self.product, self.output) = (inputs, product, output)
      (self.lengths, self.window) = (lengths, window)
    }

    fileprivate var width: Int { product.count / output.count }

    /// Calls a body for each event n and each event m that it sees, in ascending order, with the
    /// pair's hidden units.
    fileprivate func forEachPair(_ body: (_ n: Int, _ m: Int, _ hidden: [T]) -> Void) {
      var start = 0
      for length in lengths {
        for n in start..<start + length {
          for m in max(start, n - window)..<n {
            body(n, m, output.indices.map { hiddenUnit($0, n, m) })
          }
        }
        start += length
      }
    }

    private func hiddenUnit(_ unit: Int, _ n: Int, _ m: Int) -> T {
      let (d, e) = (width, output.count)
      var sum = inputs[2][n * e + unit] + inputs[3][m * e + unit]
      for c in 0..<d {
        sum += product[unit * d + c] * (inputs[0][n * d + c] * inputs[1][m * d + c])
      }
      return T(ActivationReference.sigmoid(Double(sum)))
    }

    fileprivate func score(_ hidden: [T]) -> T {
      zip(hidden, output).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  /// out[n] = Σ_m s(n, m) k[m]; `scores[n, j]` becomes s(n, n − 1 − j) where that event exists.
  package static func forward<T: BinaryFloatingPoint>(
    _ problem: Problem<T>, out: UnsafeMutableBufferPointer<T>,
    scores: UnsafeMutableBufferPointer<T>?
  ) {
    let d = problem.width
    out.update(repeating: 0)
    problem.forEachPair { n, m, hidden in
      let score = problem.score(hidden)
      for c in 0..<d { out[n * d + c] += score * problem.inputs[1][m * d + c] }
      scores?[n * problem.window + n - 1 - m] = score
    }
  }

  /// Gradients of the inputs, plus bases where given; those of the parameters are added to.
  package static func backward<T: BinaryFloatingPoint>(
    _ problem: Problem<T>, dout: UnsafeMutableBufferPointer<T>,
    bases: [UnsafeMutableBufferPointer<T>?], gradients: [UnsafeMutableBufferPointer<T>],
    dproduct: UnsafeMutableBufferPointer<T>, doutput: UnsafeMutableBufferPointer<T>
  ) {
    for (gradient, base) in zip(gradients, bases) {
      for index in gradient.indices { gradient[index] = base?[index] ?? 0 }
    }
    let (d, e, q, k) = (problem.width, doutput.count, problem.inputs[0], problem.inputs[1])
    problem.forEachPair { n, m, hidden in
      let score = problem.score(hidden)
      var dscore: T = 0
      for c in 0..<d {
        dscore += dout[n * d + c] * k[m * d + c]
        gradients[1][m * d + c] += score * dout[n * d + c]
      }
      for (unit, h) in hidden.enumerated() {
        let slope = dscore * problem.output[unit] * h * (1 - h)
        doutput[unit] += dscore * h
        gradients[2][n * e + unit] += slope
        gradients[3][m * e + unit] += slope
        for c in 0..<d {
          let p = problem.product[unit * d + c]
          dproduct[unit * d + c] += slope * q[n * d + c] * k[m * d + c]
          gradients[0][n * d + c] += slope * p * k[m * d + c]
          gradients[1][m * d + c] += slope * p * q[n * d + c]
        }
      }
    }
  }
}
