/// Whether items that a user has met are candidates for the next item. The rule is the same for the
/// ranks of targets and for recommendations.
public enum SeenRule: String, Sendable, Codable, CaseIterable {
  /// Items of the history are not candidates: a target that was met before is missed.
  case exclude
  /// All items are candidates.
  case allow
}
