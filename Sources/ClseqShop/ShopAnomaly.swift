/// A way in which a user of the generated log is no ordinary person.
public enum ShopAnomaly: String, Sendable, CaseIterable {
  /// A program that goes through the catalogue in its order: visits of 200 to 399 events, one per
  /// second or two. People have at most 181 within an hour of a visit.
  case bot
  /// Nine of ten events are with the item of the first one.
  case repeater
  /// Someone else takes the account over, at a time after the first event that is uniform up to the
  /// log's end: with another taste, and three times the probability of a visit.
  case takeover
}
