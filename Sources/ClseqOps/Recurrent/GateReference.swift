import Foundation

/// The functions of gates, at the precision of Double.
enum GateReference {
  static func sigmoid<T: BinaryFloatingPoint>(_ x: T) -> T { T(1 / (1 + exp(-Double(x)))) }

  static func tanh<T: BinaryFloatingPoint>(_ x: T) -> T { T(Foundation.tanh(Double(x))) }
}
