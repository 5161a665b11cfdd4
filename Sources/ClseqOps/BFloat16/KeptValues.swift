/// Values that records of a tape keep in another type than the values that they come from. Both belong to
/// others: the entry only lets several records share one copy.
struct KeptValues {
  private weak var origin: Storage?
  private weak var copy: Storage?
  let elementType: Tensor.ElementType

  init(of origin: Tensor, in copy: Tensor) {
    (self.origin, self.copy) = (origin.storage, copy.storage)
    elementType = copy.elementType
  }

  /// The copy under the identity of a tensor with these values; nil when one of both is gone.
  func values(of tensor: Tensor) -> Tensor? {
    guard origin === tensor.storage, let copy else { return nil }
    return Tensor(shape: tensor.shape, elementType: elementType, id: tensor.id, storage: copy)
  }
}

extension Tape {
  /// The values of an op's input or result for its record, in the type in which the backend stores them.
  /// The tensor must not change any more. In inference, the tensor itself.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  package func kept(_ x: Tensor) throws -> Tensor {
    guard isTraining, backend.storage != x.elementType else { return x }
    let origin = ObjectIdentifier(x.storage)
    if let known = keptValues[origin]?.values(of: x) { return known }
    let copy = try backend.empty(like: x, backend.storage)
    try backend.roundToBFloat16(x, into: copy)
    keptValues[origin] = KeptValues(of: x, in: copy)
    return copy
  }

  /// Kept values in float32, as kernels take them.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  package func restored(_ kept: Tensor) throws -> Tensor {
    guard kept.elementType != .float32 else { return kept }
    let x = try backend.empty(like: kept, .float32)
    try backend.widenBFloat16(kept, into: x)
    if backend.isReference { restoredValues.append(x) }
    return x
  }
}
