/// The part of a model that stays as it is when a training starts from another run.
public enum FrozenPart: Equatable, Sendable, CustomStringConvertible {
  /// Nothing.
  case none
  /// Everything but the heads.
  case body
  /// The embeddings and so many first layers.
  case layers(Int)

  static let expected = "none, body, or a number of layers from 0 to 1000"

  /// The part of a text; nil for one that is not as `expected`.
  public init?(_ text: String) {
    switch text {
    case "none": self = .none
    case "body": self = .body
    default:
      guard let count = Int(text), (0...1_000).contains(count) else { return nil }
      self = .layers(count)
    }
  }

  /// The text that ``init(_:)`` takes back.
  public var description: String {
    switch self {
    case .none: "none"
    case .body: "body"
    case .layers(let count): "\(count)"
    }
  }
}
