import Foundation

/// Activations in plain loops.
package enum ActivationReference {
  /// y = f(x); `kept` becomes what the backward pass is computed from.
  package static func forward<T: BinaryFloatingPoint>(
    _ function: Activation, _ x: UnsafeMutableBufferPointer<T>, _ y: UnsafeMutableBufferPointer<T>,
    keeping kept: UnsafeMutableBufferPointer<T>?
  ) {
    for i in x.indices {
      y[i] = value(function, x[i])
      kept?[i] = Self.kept(function, x[i])
    }
  }

  /// dx = base + dy f'(x).
  package static func backward<T: BinaryFloatingPoint>(
    _ function: Activation, dy: UnsafeMutableBufferPointer<T>, kept: UnsafeMutableBufferPointer<T>,
    base: UnsafeMutableBufferPointer<T>?, dx: UnsafeMutableBufferPointer<T>
  ) {
    for i in dy.indices { dx[i] = (base?[i] ?? 0) + dy[i] * slope(function, kept: kept[i]) }
  }

  /// f(x).
  package static func value<T: BinaryFloatingPoint>(_ function: Activation, _ x: T) -> T {
    switch function {
    case .gelu: T(Double(x) * normalDistribution(Double(x)))
    case .relu: max(x, 0)
    }
  }

  /// What is kept of x for the backward pass: GELU's derivative, the result of ReLU.
  package static func kept<T: BinaryFloatingPoint>(_ function: Activation, _ x: T) -> T {
    switch function {
    case .gelu: T(normalDistribution(Double(x)) + Double(x) * normalDensity(Double(x)))
    case .relu: max(x, 0)
    }
  }

  /// f'(x) from what is kept of x.
  package static func slope<T: BinaryFloatingPoint>(_ function: Activation, kept: T) -> T {
    switch function {
    case .gelu: kept
    case .relu: kept > 0 ? 1 : 0
    }
  }

  private static func normalDistribution(_ x: Double) -> Double { 0.5 * erfc(-x / 2.squareRoot()) }

  private static func normalDensity(_ x: Double) -> Double {
    exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
  }
}
