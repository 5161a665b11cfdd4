/// The parameters that weight decay applies to.
public enum DecayScope: String, CaseIterable, Codable, Sendable {
  /// All, as PyTorch's optimisers have it where a model's parameters are one group.
  case all
  /// All but biases and the weights of norms, which are vectors.
  case matrices
}
