import ClseqRuntime

/// All parameters of a model in four flat arrays: values, gradients, and the optimiser's two
/// moments.
///
/// One launch then updates all parameters of one rate, and one copy saves them. Where the backend stores in
/// bf16, trained tables follow the other trained parameters, and values and moments of them are a piece of
/// bf16. Frozen parameters are at the end of the values; the other arrays lack them.
public final class ParameterStore {
  /// The parameters in the order of their declaration.
  public private(set) var parameters: [Parameter] = []
  /// The backend whose memory holds them.
  public let backend: Backend
  private var layout = ParameterLayout(
    [], alignment: Arena.alignment, storage: .float32)
  /// Values; gradients, first and second moments if they are trained.
  private var flat: [FlatArray] = []
  private var constants: [FlatArray] = []
  /// The parts that one launch each updates: values, gradients, first and second moments.
  private(set) var ranges: [(range: TrainedRange, arrays: [Tensor])] = []

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
  ///   - isTable: whether it is a table that is read only by embeddings, losses over its rows, rankings and
  ///     ``Backend/gatherRows(_:rows:)``, which take it in bf16 too.
  public func declare(
    _ name: String, _ shape: [Int], _ initializer: Parameter.Initializer, parts: [String] = [],
    isTable: Bool = false
  ) -> Parameter {
    precondition(flat.isEmpty, "ParameterStore: \(name) declared after allocate")
    precondition(
      !parameters.contains { $0.name == name }, "ParameterStore: \(name) is declared twice")
    let parameter = Parameter(name, shape, initializer, parts: parts, isTable: isTable)
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

  /// Bytes of device memory of values, gradients and moments.
  public var byteCount: Int { flat.reduce(0) { $0 + $1.byteCount } }

  /// All values, flat.
  public var values: FlatArray { flat[0] }
  /// All gradients, flat.
  public var gradients: Tensor { flat[1].pieces[0].tensor }
  /// The optimiser's first moments (of gradient descent: the momentum), flat.
  public var firstMoments: FlatArray { flat[2] }
  /// The optimiser's second moments, flat; zeros if it has none.
  public var secondMoments: FlatArray { flat[3] }

  /// Reserves memory for all parameters and sets their first values from a seed; gradients and
  /// moments are zero.
  ///
  /// - Throws: `OpenCLError.overBudget` when memory runs out.
  public func allocate(seed: UInt64) throws {
    precondition(
      flat.isEmpty && !parameters.isEmpty, "ParameterStore.allocate: call it once, after declare")
    arrange(storage: backend.storage)
    let trained = 0..<layout.trainedCount
    precondition(!trained.isEmpty, "ParameterStore.allocate: all parameters are frozen")
    let moments = layout.pieces.filter { $0.range.lowerBound < trained.upperBound }.map {
      (range: $0.range.clamped(to: trained), elementType: $0.elementType)
    }
    for pieces in [layout.pieces, [(range: trained, elementType: .float32)], moments, moments] {
      flat.append(try FlatArray(pieces, on: backend))
    }
    var initialValues = [Float](repeating: 0, count: flatCount)
    for (parameter, offset) in zip(parameters, offsets) {
      parameter.bind(
        value: try values.part(at: offset, parameter.shape),
        gradient: parameter.isTrained ? try flat[1].part(at: offset, parameter.shape) : nil)
      initialValues.replaceSubrange(
        offset..<offset + parameter.count, with: parameter.initialValues(seed: seed))
    }
    try backend.write(initialValues, to: values)
    ranges = try layout.trained.map { trained in
      (
        trained,
        try flat.map { try $0.part(at: trained.range.lowerBound, [trained.range.count]) }
      )
    }
  }

  /// Reserves memory for the values alone, which are float32 and zero until they are written: for inference.
  ///
  /// - Throws: `OpenCLError.overBudget` when memory runs out.
  public func allocateValues() throws {
    precondition(
      flat.isEmpty && !parameters.isEmpty,
      "ParameterStore.allocateValues: call it once, after declare")
    arrange(storage: .float32)
    flat = [try FlatArray(layout.pieces, on: backend)]
    for (parameter, offset) in zip(parameters, offsets) {
      parameter.bind(value: try values.part(at: offset, parameter.shape), gradient: nil)
    }
  }

  /// A tensor of given values that is not trained and lives as long as the store.
  public func constant(_ values: [Float], _ shape: [Int]) throws -> Tensor {
    let array = try FlatArray([(0..<values.count, .float32)], on: backend)
    constants.append(array)
    try backend.write(values, to: array)
    return try array.part(at: 0, shape)
  }

  private func arrange(storage: Tensor.ElementType) {
    layout = ParameterLayout(parameters, alignment: Arena.alignment, storage: storage)
  }
}
