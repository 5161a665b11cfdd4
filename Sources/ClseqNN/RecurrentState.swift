public import ClseqOps

/// The state of a recurrent network after some events of B sequences: h and c of each layer,
/// `[B, …]`, whatever the number of events.
public struct RecurrentState {
  /// By layer, first the layer of the inputs.
  public let layers: [LayerState]

  /// A state of given layers.
  public init(layers: [LayerState]) {
    precondition(!layers.isEmpty, "RecurrentState: no layers")
    self.layers = layers
  }

  /// B.
  public var sequenceCount: Int { layers[0].hidden.shape[0] }

  /// The states of some of the sequences, each any number of times.
  ///
  /// - Parameters:
  ///   - rows: Numbers of sequences, `[R]`.
  ///   - backend: Of the states.
  /// - Returns: R sequences' states.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func rows(_ rows: Indices, on backend: Backend) throws -> RecurrentState {
    RecurrentState(
      layers: try layers.map { layer in
        LayerState(
          hidden: try backend.gatherRows(layer.hidden, rows: rows),
          cell: try layer.cell.map { try backend.gatherRows($0, rows: rows) })
      })
  }
}
