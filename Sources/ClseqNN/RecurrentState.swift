public import ClseqOps

/// What a recurrent network knows of B sequences after some of their events: h and c of each layer,
/// `[B, …]`, however many events there were.
public struct RecurrentState {
  /// From the layer of the inputs on.
  public let layers: [LayerState]

  /// A state of given layers.
  public init(layers: [LayerState]) {
    precondition(!layers.isEmpty, "RecurrentState: no layers")
    self.layers = layers
  }

  /// B.
  public var sequenceCount: Int { layers[0].hidden.shape[0] }
}
