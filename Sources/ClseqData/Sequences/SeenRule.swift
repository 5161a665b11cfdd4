/// Whether what a user has met is a candidate for what comes next: the same rule where targets are
/// ranked and where items are recommended.
public enum SeenRule: String, Sendable, Codable, CaseIterable {
  /// Items of the history are no candidates: a target that was met before is missed.
  case exclude
  /// All items are candidates.
  case allow
}
