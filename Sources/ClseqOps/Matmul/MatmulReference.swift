/// Products in plain loops.
package enum MatmulReference {
  /// A `MatmulEpilogue` over plain arrays.
  package enum Epilogue<T: BinaryFloatingPoint> {
    case none
    case activation(Activation, keeping: UnsafeMutableBufferPointer<T>?)
    case activationGradient(Activation, kept: UnsafeMutableBufferPointer<T>)
  }

  /// c = base + epilogue(op(a) op(b) + bias); an activation takes the base too.
  package static func multiply<T: BinaryFloatingPoint>(
    _ a: UnsafeMutableBufferPointer<T>, _ b: UnsafeMutableBufferPointer<T>,
    into c: UnsafeMutableBufferPointer<T>, _ shape: MatmulShape,
    base: UnsafeMutableBufferPointer<T>? = nil, bias: UnsafeMutableBufferPointer<T>? = nil,
    epilogue: Epilogue<T> = .none
  ) {
    let (rows, batches) = (shape.rowStrides, shape.batchStrides)
    // Distances of neighbours along M, K and N.
    let (aRow, aStep) = shape.transposeA ? (1, rows.a) : (rows.a, 1)
    let (bStep, bColumn) = shape.transposeB ? (1, rows.b) : (rows.b, 1)
    for batch in 0..<shape.batch {
      for i in 0..<shape.m {
        for j in 0..<shape.n {
          let at = batch * batches.c + i * rows.c + j
          var sum = T(0)
          for p in 0..<shape.k {
            sum +=
              a[batch * batches.a + i * aRow + p * aStep]
              * b[batch * batches.b + p * bStep + j * bColumn]
          }
          c[at] = epilogue.value(sum + (bias?[j] ?? 0), base: base?[at] ?? 0, at: at)
        }
      }
    }
  }

  /// sums += column sums of a, `[K, M]`.
  package static func addColumnSums<T: BinaryFloatingPoint>(
    _ a: UnsafeMutableBufferPointer<T>, to sums: UnsafeMutableBufferPointer<T>,
    _ shape: MatmulShape
  ) {
    for i in 0..<shape.m {
      for p in 0..<shape.k { sums[i] += a[p * shape.rowStrides.a + i] }
    }
  }
}

extension MatmulReference.Epilogue {
  fileprivate func value(_ x: T, base: T, at index: Int) -> T {
    switch self {
    case .none: return base + x
    case .activation(let function, let keeping):
      keeping?[index] = ActivationReference.kept(function, base + x)
      return ActivationReference.value(function, base + x)
    case .activationGradient(let function, let kept):
      return base + x * ActivationReference.slope(function, kept: kept[index])
    }
  }
}

extension MatmulEpilogue {
  /// The same over a reference tensor's values.
  var reference: MatmulReference.Epilogue<Float> {
    switch self {
    case .none: .none
    case .activation(let function, let keeping): .activation(function, keeping: keeping?.floats)
    case .activationGradient(let function, let kept):
      .activationGradient(function, kept: kept.floats)
    }
  }
}
