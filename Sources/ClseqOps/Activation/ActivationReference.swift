import Foundation

/// Activations in plain loops.
package enum ActivationReference {
  /// y = f(x), and `kept` as in ``kept(_:_:)``. All three may be one array.
  package static func forward<T: BinaryFloatingPoint>(
    _ function: Activation, _ x: UnsafeMutableBufferPointer<T>, _ y: UnsafeMutableBufferPointer<T>,
    keeping kept: UnsafeMutableBufferPointer<T>?
  ) {
    for (i, input) in x.enumerated() {
      y[i] = value(function, input)
      kept?[i] = Self.kept(function, input)
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
    case .sigmoid: T(sigmoid(Double(x)))
    case .tanh: T(Foundation.tanh(Double(x)))
    }
  }

  /// The value that is kept for the backward pass: GELU's derivative, else the result.
  package static func kept<T: BinaryFloatingPoint>(_ function: Activation, _ x: T) -> T {
    switch function {
    case .gelu: T(normalDistribution(Double(x)) + Double(x) * normalDensity(Double(x)))
    case .relu, .sigmoid, .tanh: value(function, x)
    }
  }

  /// f'(x) from the kept value.
  package static func slope<T: BinaryFloatingPoint>(_ function: Activation, kept: T) -> T {
    switch function {
    case .gelu: kept
    case .relu: kept > 0 ? 1 : 0
    case .sigmoid: kept * (1 - kept)
    case .tanh: 1 - kept * kept
    }
  }

  /// 1 / (1 + e⁻ˣ); the exponential overflows to infinity where the result is 0.
  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private static func normalDistribution(_ x: Double) -> Double { 0.5 * erfc(-x / 2.squareRoot()) }

  private static func normalDensity(_ x: Double) -> Double {
    exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
  }
}
