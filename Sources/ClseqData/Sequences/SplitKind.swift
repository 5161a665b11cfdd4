/// The kind of a split into training, validation and test.
public enum SplitKind: String, Sendable {
  /// The last event of each user, and the one before.
  case leaveOneOut = "by the last events"
  /// Before and after a time.
  case time = "by time"
  /// The last session of each user, and the one before.
  case session = "by session"
  /// Some users for each part.
  case user = "by user"

  /// Advice for an empty part.
  var remedy: String {
    switch self {
    case .leaveOneOut: "it needs users with three events or more"
    case .time: "choose other times (--validation-from, --test-from)"
    case .session:
      "it needs users with three sessions or more: a shorter --session-gap makes more of them"
    case .user: "it needs more users, or another --split-seed"
    }
  }
}
