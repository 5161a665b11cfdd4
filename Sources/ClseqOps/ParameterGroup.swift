/// How the optimiser treats parameters.
public struct ParameterGroup: Hashable, Sendable {
  /// Whether they change: frozen parameters have neither gradients nor moments.
  public var isTrained: Bool
  /// Factor of the learning rate.
  public var rateFactor: Double
  /// Whether weight decay applies to them.
  public var decays: Bool

  /// Trained at the rate of the run, with weight decay, where nothing else is said.
  public init(isTrained: Bool = true, rateFactor: Double = 1, decays: Bool = true) {
    self.isTrained = isTrained
    self.rateFactor = rateFactor
    self.decays = decays
  }
}
