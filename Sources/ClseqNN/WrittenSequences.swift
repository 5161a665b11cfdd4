public import ClseqOps

/// How the sequences of a batch are written back, each from one vector, by a model that compresses them.
public struct WrittenSequences {
  /// The row of the item table that the decoder is given before it writes each event, `[N]`: that of the event before,
  /// or of the start.
  public let inputs: EventCodes
  /// Number in the batch of each event's sequence, `[N]`, with an index in training.
  public let owners: EventRows
  /// Index of each sequence in the dataset, `[B]`.
  public let sequences: Indices
  /// One row for each sequence: `0 … B`, `[B + 1]`.
  public let units: Indices

  /// The arrays of a batch, all on one backend.
  public init(inputs: EventCodes, owners: EventRows, sequences: Indices, units: Indices) {
    precondition(
      inputs.codes.count == owners.rows.count && units.count == sequences.count + 1,
      "WrittenSequences: \(inputs.codes.count) inputs, \(owners.rows.count) owners, "
        + "\(sequences.count) sequences, \(units.count) offsets")
    (self.inputs, self.owners) = (inputs, owners)
    (self.sequences, self.units) = (sequences, units)
  }

  /// The vectors of sequences as rows of a ragged array, one each.
  public var shape: RaggedShape {
    RaggedShape(offsets: units, lengths: [Int](repeating: 1, count: sequences.count))
  }
}
