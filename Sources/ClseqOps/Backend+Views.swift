package import ClseqRuntime

extension Backend {
  /// A view of a tensor's memory from an element on. On a device the element must be at a multiple
  /// of `Arena.alignment` bytes.
  package func part(
    _ buffer: borrowing DeviceBuffer, at element: Int, _ shape: [Int],
    _ elementType: Tensor.ElementType
  ) throws -> Tensor {
    let stride = elementType.byteCount
    let slice = try buffer.slice(
      offset: element * stride, byteCount: max(shape.reduce(1, *), 1) * stride)
    return tensor(shape, elementType, in: Storage(slice: slice))
  }

  /// A view of a reference tensor's memory from an element on.
  package func part(_ whole: Tensor, at element: Int, _ shape: [Int]) -> Tensor {
    let offset = element * whole.elementType.byteCount
    return tensor(shape, whole.elementType, in: Storage(part: offset, of: whole.storage))
  }

  /// The same memory under another shape; a new tensor to a tape.
  package func reshaped(_ tensor: Tensor, _ shape: [Int]) -> Tensor {
    precondition(shape.reduce(1, *) == tensor.count, "reshaped: \(tensor.shape) to \(shape)")
    return self.tensor(shape, tensor.elementType, in: tensor.storage)
  }

  /// Reinterprets an int32 array as float32 values.
  package func floats(in indices: Indices, _ shape: [Int]) -> Tensor {
    precondition(shape.reduce(1, *) == indices.count, "floats: \(indices.count) for \(shape)")
    return tensor(shape, .float32, in: indices.storage)
  }
}
