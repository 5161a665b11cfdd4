public import ClseqRuntime

/// Whether a forward pass is for training.
public enum Mode {
  /// Dropout is active and every op leaves a record for the backward pass.
  case training(RandomKey)
  /// No dropout, no records.
  case inference
}

/// One forward pass and, in training, the records of its backward pass.
///
/// Ops are methods of a tape. Each computes its result and, in training, records a closure that
/// turns the gradient of the result into gradients of the inputs. `backward(from:)` runs the
/// records in reverse, each once, and releases the tensors that they kept, so memory use decreases.
public final class Tape {
  /// Where the ops run.
  public let backend: Backend
  /// Training or inference.
  public let mode: Mode
  private var records: [(Tape) throws -> Void] = []
  private var gradients: [UInt64: Tensor] = [:]
  /// Activations inside linear layers, by the identity of their results.
  var foldedActivations: [UInt64: FoldedActivation] = [:]
  /// Values that records keep in another type, by the memory of the values that they come from.
  var keptValues: [ObjectIdentifier: KeptValues] = [:]
  /// Values restored for a record on the reference, whose loops take pointers to them.
  var restoredValues: [Tensor] = []
  /// Column sums of layer norms in the backward pass.
  var normSums: [NormSums] = []

  /// An empty tape.
  public init(_ backend: Backend, mode: Mode) {
    self.backend = backend
    self.mode = mode
  }

  /// Whether records are kept.
  public var isTraining: Bool {
    if case .training = mode { true } else { false }
  }

  /// Random numbers of a layer in training; nil in inference.
  ///
  /// - Parameter name: the layer's name, as "blocks.0.attention".
  public func randomKey(_ name: String) -> LayerKey? {
    if case .training(let key) = mode { key.layer(name) } else { nil }
  }

  /// Keeps a closure for the backward pass, unless in inference.
  ///
  /// - Parameter backward: takes the gradient of the op's result by `takeGradient(of:)` and passes
  ///   gradients to the op's inputs. It owns the tensors that it captures.
  public func record(_ backward: @escaping (Tape) throws -> Void) {
    if isTraining { records.append(backward) }
  }

  /// Keeps a closure for the backward pass of one result, which is called with the result's gradient, and
  /// not at all when nothing depends on the result. The result's memory is not kept.
  public func record(
    _ result: Tensor, _ backward: @escaping (Tape, _ gradient: Tensor) throws -> Void
  ) {
    let result = result.identity
    record { tape in
      if let gradient = tape.takeGradient(of: result) { try backward(tape, gradient) }
    }
  }

  /// Runs all records in reverse.
  ///
  /// - Parameter result: the tensor whose gradient is one everywhere, usually the loss `[1]`.
  public func backward(from result: Tensor) throws {
    try backward(from: result, gradient: try backend.filled(result.shape, with: 1))
  }

  /// Runs all records in reverse, from a given gradient of a result.
  public func backward(from result: Tensor, gradient: Tensor) throws {
    precondition(
      result.shape == gradient.shape, "backward: \(result.shape), gradient \(gradient.shape)")
    gradients[result.id] = gradient
    keptValues = [:]
    while let record = records.popLast() {
      try record(self)
      restoredValues = []
    }
    try backend.reduce(&normSums)
  }

  /// The gradient of a tensor, which stays on the tape. Nil when nothing depends on the tensor.
  public func gradient(of tensor: Tensor) -> Tensor? {
    gradients[tensor.id]
  }

  /// The gradient of a tensor, which is removed from the tape. Nil when nothing depends on the
  /// tensor.
  public func takeGradient(of tensor: Tensor) -> Tensor? {
    gradients.removeValue(forKey: tensor.id)
  }

  /// Where an op writes the gradient of one of its inputs. To a kernel it is three arguments: `base`,
  /// `has_base` and `out`.
  public struct GradientSlot: KernelArgument {
    /// The op writes here.
    public let out: Tensor
    /// The gradient so far, which must be added; `out` itself when there is none, or when adding in
    /// place is safe.
    public let base: Tensor
    /// 1 if `base` is to be added, else 0: as kernels take it.
    public let hasBase: Int32

    /// The base, if it is to be added.
    var addend: Tensor? { hasBase != 0 ? base : nil }

    /// Adds the three arguments.
    public func add(to arguments: inout KernelArguments) { arguments.add(base, hasBase, out) }
  }

  /// A place for the gradient of an input. The op must write all of `out`.
  public func gradientSlot(of input: Tensor) throws -> GradientSlot {
    guard var base = gradients.removeValue(forKey: input.id) else {
      let out = try backend.empty(input.shape)
      gradients[input.id] = out
      return GradientSlot(out: out, base: out, hasBase: 0)
    }
    let inPlace = isKnownUniquelyReferenced(&base.storage)
    let out = inPlace ? base : try backend.empty(input.shape)
    gradients[input.id] = out
    return GradientSlot(out: out, base: base, hasBase: 1)
  }

  /// Passes a gradient that exists already to an input, and adds it to the input's gradient so far.
  public func passGradient(_ gradient: Tensor, to input: Tensor) throws {
    guard gradients[input.id] != nil else {
      gradients[input.id] = gradient
      return
    }
    let slot = try gradientSlot(of: input)
    try backend.add(slot.base, gradient, into: slot.out)
  }

  /// Places for the gradients of inputs that one launch writes, in their order. Where one tensor is
  /// several of the inputs, only the first gets the tensor's own place; the gradients of the others
  /// are added afterwards, since a launch must not use as a base an array that it writes.
  func withGradientSlots(
    of inputs: [Tensor], _ body: ([GradientSlot]) throws -> Void
  ) throws {
    var slots: [GradientSlot] = []
    var later: [(gradient: Tensor, input: Tensor)] = []
    for (index, input) in inputs.enumerated() {
      if inputs[..<index].contains(where: { $0.id == input.id }) {
        let out = try backend.empty(input.shape)
        slots.append(GradientSlot(out: out, base: out, hasBase: 0))
        later.append((out, input))
      } else {
        slots.append(try gradientSlot(of: input))
      }
    }
    try body(slots)
    slots = []
    for (gradient, input) in later { try passGradient(gradient, to: input) }
  }
}

extension Backend {
  /// Writes the gradient so far, or zeros, to a slot, for an op that adds to it.
  func fillBase(of slot: Tape.GradientSlot) throws {
    if slot.hasBase == 0 {
      try fillZero(slot.out)
    } else if slot.base.id != slot.out.id {
      try copy(slot.base, to: slot.out)
    }
  }
}
