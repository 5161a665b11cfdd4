/// What a model may know of events beside their items.
public enum InputKind: String, CaseIterable, Sendable, Codable {
  /// The type of the event.
  case type
  /// The time since the user's event before.
  case gap
  /// The numbers of the event.
  case features
  /// What is known of the item.
  case items
  /// What is known of the user.
  case users
}
