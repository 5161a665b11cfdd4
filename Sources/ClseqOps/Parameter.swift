/// A trained array: a name, a shape, values and their gradient.
public final class Parameter {
  /// The first values of a parameter.
  public indirect enum Initializer: Sendable {
    /// All 0.
    case zeros
    /// All 1.
    case ones
    /// Normally distributed with mean 0.
    case normal(standardDeviation: Float)
    /// Uniformly distributed in -bound ..< bound.
    case uniform(bound: Float)
    /// Those of another initializer, except that the values of a range of indices are all one
    /// number.
    case setting(Range<Int>, to: Float, of: Initializer)
    /// Given values, for parameters that do not start from random numbers.
    case values([Float])
  }

  /// The name in files, as "blocks.0.attention.out.weight".
  public let name: String
  /// Lengths of the axes; weights are `[out, in]`.
  public let shape: [Int]
  /// Names in files of equal parts of the first axis, where one array holds several matrices.
  public let parts: [String]
  /// Whether it is a large table whose rows are looked up and compared: in training its values and moments are
  /// stored as ``Backend/storage`` says. `value.elementType` tells it.
  public let isTable: Bool
  /// How the optimiser treats it.
  public internal(set) var group = ParameterGroup()
  let initializer: Initializer
  private var memory: (value: Tensor, gradient: Tensor?)?

  init(
    _ name: String, _ shape: [Int], _ initializer: Initializer, parts: [String], isTable: Bool
  ) {
    precondition(
      parts.isEmpty || shape[0] % parts.count == 0, "Parameter \(name): \(parts.count) parts")
    self.name = name
    self.shape = shape
    self.initializer = initializer
    self.parts = parts
    self.isTable = isTable
  }

  /// Number of values.
  public var count: Int { shape.reduce(1, *) }
  /// The values. `ParameterStore.allocate` must have run.
  public var value: Tensor {
    guard let memory else { preconditionFailure("Parameter \(name): not allocated") }
    return memory.value
  }
  /// Whether it changes in training.
  public var isTrained: Bool { group.isTrained }
  /// The gradient, to which every op of a step adds; there is none after `allocateValues`, and none of a
  /// frozen parameter.
  public var gradient: Tensor {
    guard let gradient = memory?.gradient else {
      preconditionFailure("Parameter \(name): no gradient allocated")
    }
    return gradient
  }

  func bind(value: Tensor, gradient: Tensor?) {
    memory = (value, gradient)
  }
}

extension Backend {
  /// Where an op adds the gradient of a parameter: memory that is not read again if it is frozen and
  /// another parameter, whose gradient is computed with it, is not.
  func gradient(of parameter: Parameter) throws -> Tensor {
    parameter.isTrained ? parameter.gradient : try zeros(parameter.shape)
  }
}

extension Parameter {
  /// The first values, from random numbers keyed by the parameter's name.
  func initialValues(seed: UInt64) -> [Float] {
    values(of: initializer, seed: seed)
  }

  private func values(of initializer: Initializer, seed: UInt64) -> [Float] {
    let key = RandomKey(seed: seed, epoch: 0).layer("parameter " + name)
    switch initializer {
    case .zeros: return [Float](repeating: 0, count: count)
    case .ones: return [Float](repeating: 1, count: count)
    case .values(let values): return values
    case .normal(let standardDeviation):
      return NormalDistribution.values(count, standardDeviation: standardDeviation, key: key)
    case .uniform(let bound):
      return UniformDistribution.values(count, bound: bound, key: key)
    case .setting(let places, let value, let base):
      var values = values(of: base, seed: seed)
      for place in places { values[place] = value }
      return values
    }
  }
}
