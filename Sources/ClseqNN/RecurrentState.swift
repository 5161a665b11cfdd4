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
}
