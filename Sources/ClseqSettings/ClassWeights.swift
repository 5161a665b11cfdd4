/// Weights of classes in the loss, from their text.
public enum ClassWeights: Sendable, Equatable, CustomStringConvertible {
  /// All alike.
  case equal
  /// So that all classes weigh the same together.
  case balanced
  /// By the names of classes; 1 for those that are not named.
  case named([String: Float])

  /// What a text must be, for messages.
  static let expected = "balanced, or names of classes with weights from 0, as in view=1,buy=5"

  /// The weights of a text: none, `balanced` or `view=1,buy=5`; nil for one that is none.
  public init?(_ text: String) {
    switch text {
    case "": self = .equal
    case "balanced": self = .balanced
    default:
      var weights: [String: Float] = [:]
      for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
        guard let sign = entry.lastIndex(of: "="), sign > entry.startIndex,
          let weight = Float(entry[entry.index(after: sign)...]), weight >= 0, weight.isFinite,
          weights.updateValue(weight, forKey: String(entry[..<sign])) == nil
        else { return nil }
      }
      self = .named(weights)
    }
  }

  /// The text that ``init(_:)`` takes back.
  public var description: String {
    switch self {
    case .equal: ""
    case .balanced: "balanced"
    case .named(let weights):
      weights.sorted { $0.key < $1.key }.map { name, weight in
        "\(name)=\(Int(exactly: weight).map(String.init) ?? "\(weight)")"
      }.joined(separator: ",")
    }
  }
}
