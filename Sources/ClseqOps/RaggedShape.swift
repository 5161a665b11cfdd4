import ClseqRuntime

/// Sequences of rows that follow each other in an array, without padding.
public struct RaggedShape {
  /// First row of each sequence, and the end of the last: `[B + 1]`. Some may be empty.
  public let offsets: Indices
  /// Length of each sequence, `[B]`, for divisions of work.
  public let lengths: [Int]
  /// Length of the longest sequence.
  public let maximumLength: Int

  /// B sequences of these lengths, `offsets[b] ..< offsets[b + 1]`.
  public init(offsets: Indices, lengths: [Int]) {
    precondition(
      offsets.count == lengths.count + 1,
      "RaggedShape: \(offsets.count) offsets of \(lengths.count) sequences")
    (self.offsets, self.lengths) = (offsets, lengths)
    maximumLength = lengths.max() ?? 0
  }

  /// B.
  public var sequenceCount: Int { lengths.count }
}
