/// Which keys a query of attention sees.
public enum AttentionMask: Equatable, Sendable {
  /// The last query of a sequence sees every key, each query before it one key less: in
  /// self-attention an event sees itself and what came before.
  case causal
  /// Every query sees every key of its sequence.
  case full
}
