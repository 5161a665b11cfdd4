package import ClseqOps

/// The arrays of one upload. Whoever adds one keeps a handle, by which it is found after the upload.
package struct UploadPlan {
  /// An array of integers.
  package struct Integers { fileprivate let place: Int }
  /// An array of numbers.
  package struct Numbers { fileprivate let place: Int }
  /// An index of rows.
  package struct Rows {
    fileprivate let (order, rows, rowOffsets): (Integers, Integers, Integers)
    fileprivate let (longRows, pieceOffsets): (Integers, Integers)
  }

  /// The values of one array.
  enum Values {
    case integers([Int32])
    case numbers([Float])

    var count: Int {
      switch self {
      case .integers(let values): values.count
      case .numbers(let values): values.count
      }
    }

    func withUnsafeBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
      switch self {
      case .integers(let values): values.withUnsafeBytes(body)
      case .numbers(let values): values.withUnsafeBytes(body)
      }
    }
  }

  private(set) var arrays: [Values] = []

  /// An upload of nothing yet.
  package init() {}

  /// Adds integers.
  package mutating func integers(_ values: [Int32]) -> Integers {
    arrays.append(.integers(values))
    return Integers(place: arrays.count - 1)
  }

  /// Adds numbers.
  package mutating func numbers(_ values: [Float]) -> Numbers {
    arrays.append(.numbers(values))
    return Numbers(place: arrays.count - 1)
  }

  /// Adds an index of rows.
  package mutating func rows(_ index: RowIndex) -> Rows {
    Rows(
      order: integers(index.order), rows: integers(index.rows),
      rowOffsets: integers(index.rowOffsets), longRows: integers(index.longRows),
      pieceOffsets: integers(index.pieceOffsets))
  }
}

/// The arrays of an upload, as kernels see them.
package struct UploadedArrays {
  let arrays: [Indices]
  let backend: Backend

  /// Integers.
  package subscript(handle: UploadPlan.Integers) -> Indices { arrays[handle.place] }

  /// Numbers, `[count]`.
  package subscript(handle: UploadPlan.Numbers) -> Tensor {
    let array = arrays[handle.place]
    return backend.floats(in: array, [array.count])
  }

  /// Numbers of some shape.
  package subscript(handle: UploadPlan.Numbers, shape: [Int]) -> Tensor {
    backend.floats(in: arrays[handle.place], shape)
  }

  /// An index of rows.
  package subscript(handle: UploadPlan.Rows) -> DeviceRowIndex {
    DeviceRowIndex(
      order: self[handle.order], rows: self[handle.rows], rowOffsets: self[handle.rowOffsets],
      longRows: self[handle.longRows], pieceOffsets: self[handle.pieceOffsets])
  }
}
