import ClseqRuntime

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
  /// How the optimiser treats it.
  public internal(set) var group = ParameterGroup()
  let initializer: Initializer
  private var memory: (value: Tensor, gradient: Tensor?)?

  init(_ name: String, _ shape: [Int], _ initializer: Initializer, parts: [String]) {
    precondition(
      parts.isEmpty || shape[0] % parts.count == 0, "Parameter \(name): \(parts.count) parts")
    self.name = name
    self.shape = shape
    self.initializer = initializer
    self.parts = parts
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

/// All parameters of a model in four flat arrays: values, gradients, and the optimiser's two
/// moments.
///
/// One launch then updates all parameters of one rate, and one copy saves them. Frozen parameters are at the
/// end of the values; the other arrays lack them.
public final class ParameterStore {
  /// The parameters in the order of their declaration.
  public private(set) var parameters: [Parameter] = []
  /// The backend whose memory holds them.
  public let backend: Backend
  private var layout = ParameterLayout([], alignment: 1)
  private var flat: [Tensor] = []
  /// The trained ranges of each flat array.
  private var ranges: [[Tensor]] = []
  private var buffers: [BufferBox] = []

  private final class BufferBox {
    let buffer: DeviceBuffer

    init(_ context: Context, byteCount: Int) throws {
      buffer = try DeviceBuffer(context, byteCount: byteCount)
    }
  }

  /// A store without parameters.
  public init(_ backend: Backend) {
    self.backend = backend
  }

  /// Adds a parameter. Its memory exists after `allocate`.
  ///
  /// - Parameters:
  ///   - name: the prefix of the names of parameters.
  ///   - shape: the shape.
  ///   - initializer: the initial values.
  ///   - parts: names in files of equal parts of the first axis; empty for one array.
  public func declare(
    _ name: String, _ shape: [Int], _ initializer: Parameter.Initializer, parts: [String] = []
  ) -> Parameter {
    precondition(flat.isEmpty, "ParameterStore: \(name) declared after allocate")
    precondition(
      !parameters.contains { $0.name == name }, "ParameterStore: \(name) is declared twice")
    let parameter = Parameter(name, shape, initializer, parts: parts)
    parameters.append(parameter)
    return parameter
  }

  /// Decides how the optimiser treats each parameter, before `allocate`.
  public func setGroups(_ group: (Parameter) -> ParameterGroup) {
    precondition(flat.isEmpty, "ParameterStore.setGroups: call it before allocate")
    for parameter in parameters { parameter.group = group(parameter) }
  }

  /// Number of values.
  public var count: Int { parameters.reduce(0) { $0 + $1.count } }
  /// Where each parameter begins in the flat arrays.
  public var offsets: [Int] { layout.offsets }
  /// Length of the flat values, with the gaps that align them. Gaps hold zeros.
  public var flatCount: Int { layout.count }
  /// Length of the flat gradients and moments.
  public var trainedFlatCount: Int { layout.trainedCount }

  /// All values, flat.
  public var values: Tensor { flat[0] }
  /// All gradients, flat.
  public var gradients: Tensor { flat[1] }
  /// The optimiser's first moments (of gradient descent: the momentum), flat.
  public var firstMoments: Tensor { flat[2] }
  /// The optimiser's second moments, flat; zeros if it has none.
  public var secondMoments: Tensor { flat[3] }

  /// Reserves memory for all parameters and sets their first values from a seed; gradients and
  /// moments are zero.
  ///
  /// - Throws: `OpenCLError.overBudget` when memory runs out.
  public func allocate(seed: UInt64) throws {
    precondition(
      flat.isEmpty && !parameters.isEmpty, "ParameterStore.allocate: call it once, after declare")
    arrange()
    precondition(layout.trainedCount > 0, "ParameterStore.allocate: all parameters are frozen")
    let values = try makeFlatArray(count: layout.count)
    let gradients = try makeFlatArray(count: layout.trainedCount)
    for _ in 0..<2 { _ = try makeFlatArray(count: layout.trainedCount) }
    var initialValues = [Float](repeating: 0, count: flatCount)
    for (index, parameter) in parameters.enumerated() {
      parameter.bind(
        value: values[index], gradient: parameter.isTrained ? gradients[index] : nil)
      initialValues.replaceSubrange(
        offsets[index]..<offsets[index] + parameter.count,
        with: parameter.initialValues(seed: seed))
    }
    try backend.write(initialValues, to: self.values)
  }

  /// Reserves memory for the values alone, which are zero until they are written: for inference.
  ///
  /// - Throws: `OpenCLError.overBudget` when memory runs out.
  public func allocateValues() throws {
    precondition(
      flat.isEmpty && !parameters.isEmpty,
      "ParameterStore.allocateValues: call it once, after declare")
    arrange()
    for (parameter, value) in zip(parameters, try makeFlatArray(count: layout.count)) {
      parameter.bind(value: value, gradient: nil)
    }
  }

  /// A tensor of given values that is not trained and lives as long as the store.
  public func constant(_ values: [Float], _ shape: [Int]) throws -> Tensor {
    let tensor: Tensor
    if let context = backend.context {
      let box = try BufferBox(context, byteCount: values.count * MemoryLayout<Float>.stride)
      buffers.append(box)
      tensor = try backend.part(box.buffer, at: 0, shape)
    } else {
      tensor = try backend.empty(shape)
    }
    try backend.write(values, to: tensor)
    return tensor
  }

  private func arrange() {
    layout = ParameterLayout(parameters, alignment: Arena.alignment / MemoryLayout<Float>.stride)
  }

  /// Adds a flat array of zeros.
  ///
  /// - Returns: the places of the parameters in it, of one value for those that are not.
  private func makeFlatArray(count: Int) throws -> [Tensor] {
    let whole: Tensor
    let part: (_ start: Int, _ shape: [Int]) throws -> Tensor
    if let context = backend.context {
      let box = try BufferBox(context, byteCount: count * MemoryLayout<Float>.stride)
      buffers.append(box)
      whole = try backend.part(box.buffer, at: 0, [count])
      part = { [backend] in try backend.part(box.buffer, at: $0, $1) }
    } else {
      whole = try backend.empty([count])
      part = { [backend] in backend.part(whole, at: $0, $1) }
    }
    try backend.fillZero(whole)
    flat.append(whole)
    ranges.append(try layout.trained.map { try part($0.range.lowerBound, [$0.range.count]) })
    return try zip(parameters, offsets).map { parameter, offset in
      offset + parameter.count <= count ? try part(offset, parameter.shape) : try part(0, [1])
    }
  }

  /// The parts that one launch each updates: values, gradients, first and second moments.
  var trainedRanges: [(range: TrainedRange, arrays: [Tensor])] {
    layout.trained.enumerated().map { index, range in (range, ranges.map { $0[index] }) }
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
