import ClseqRuntime

/// A flat array of a store: pieces that follow each other, each of one element type.
public struct FlatArray {
  /// A part of the array in memory of its own.
  struct Piece {
    /// Its place in the array.
    let range: Range<Int>
    /// Its values, flat.
    let tensor: Tensor
    /// The memory; nil on the reference, whose tensor owns it.
    fileprivate let memory: BufferBox?
  }

  /// A buffer outlives the tensors that are parts of it.
  fileprivate final class BufferBox {
    let buffer: DeviceBuffer

    init(_ context: Context, byteCount: Int) throws {
      buffer = try DeviceBuffer(context, byteCount: byteCount)
    }
  }

  let pieces: [Piece]
  private let backend: Backend

  /// An array of zeros.
  ///
  /// - Parameter pieces: their places and types, in order, without gaps.
  /// - Throws: `OpenCLError` when memory runs out or the device refuses.
  init(_ pieces: [(range: Range<Int>, elementType: Tensor.ElementType)], on backend: Backend) throws
  {
    self.backend = backend
    self.pieces = try pieces.map { range, elementType in
      let tensor: Tensor
      var memory: BufferBox?
      if let context = backend.context {
        let box = try BufferBox(context, byteCount: range.count * elementType.byteCount)
        tensor = try backend.part(box.buffer, at: 0, [range.count], elementType)
        memory = box
      } else {
        tensor = try backend.empty([range.count], elementType)
      }
      try backend.fillZero(tensor)
      return Piece(range: range, tensor: tensor, memory: memory)
    }
  }

  /// Number of values.
  public var count: Int { pieces.last?.range.upperBound ?? 0 }

  /// Bytes of its memory.
  var byteCount: Int {
    pieces.reduce(0) { $0 + $1.tensor.count * $1.tensor.elementType.byteCount }
  }

  /// A view of values within one piece, from a multiple of `Arena.alignment` bytes on.
  func part(at offset: Int, _ shape: [Int]) throws -> Tensor {
    guard let piece = pieces.first(where: { $0.range.contains(offset) }),
      offset + shape.reduce(1, *) <= piece.range.upperBound
    else { preconditionFailure("FlatArray: \(shape) at \(offset) is in no piece") }
    let place = offset - piece.range.lowerBound
    if let memory = piece.memory {
      return try backend.part(memory.buffer, at: place, shape, piece.tensor.elementType)
    }
    return backend.part(piece.tensor, at: place, shape)
  }
}

extension Backend {
  /// The values of all pieces, after everything launched so far. Zeros in a counting pass.
  public func read(_ array: FlatArray) throws -> [Float] {
    var values = try read(array.pieces[0].tensor)
    for piece in array.pieces.dropFirst() { values += try read(piece.tensor) }
    return values
  }

  /// Replaces the values of all pieces; those in bf16 are rounded to the nearest.
  public func write(_ values: [Float], to array: FlatArray) throws {
    precondition(values.count == array.count, "write: \(values.count) values, \(array.count)")
    for piece in array.pieces { try write(Array(values[piece.range]), to: piece.tensor) }
  }
}
