/// Which keys a query of attention sees.
public enum AttentionMask: Hashable, Sendable {
  /// The last query of a sequence sees every key, each query before it one key less: in
  /// self-attention an event sees itself and what came before.
  case causal
  /// Every query sees every key of its sequence.
  case full
  /// Of the keys that a query sees by `causal`, the last ones, at most so many.
  case window(Int)

  /// Maximum number of keys that a query sees; nil for no maximum.
  var window: Int? {
    guard case .window(let count) = self else { return nil }
    precondition(count > 0, "attention: a window of \(count) keys")
    return count
  }
}
