import ClseqRuntime

/// Sequences of rows that follow each other in an array, without padding.
public struct RaggedShape {
  /// First row of each sequence, and the end of the last: `[B + 1]`. Some may be empty.
  public let offsets: Indices
  /// Length of the longest sequence, or more.
  public let maximumLength: Int

  /// B sequences, `offsets[b] ..< offsets[b + 1]`.
  public init(offsets: Indices, maximumLength: Int) {
    precondition(offsets.count > 0, "RaggedShape: no offsets")
    self.offsets = offsets
    self.maximumLength = maximumLength
  }

  /// B.
  public var sequenceCount: Int { offsets.count - 1 }
}
