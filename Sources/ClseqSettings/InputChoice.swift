public import ClseqData

/// What a model knows of events beside their items, from its text.
public enum InputChoice: Sendable, Equatable, CustomStringConvertible {
  /// Nothing where items are ranked alone, and else all that is there.
  case auto
  /// These kinds, or none.
  case kinds(Set<InputKind>)

  /// What a text must be, for messages.
  static let expected =
    "auto, none, or some of "
    + InputKind.allCases.map(\.rawValue).joined(separator: ", ")

  /// The choice of a text: `auto`, `none` or `type,gap`; nil for one that is none.
  public init?(_ text: String) {
    switch text {
    case "auto": self = .auto
    case "none", "": self = .kinds([])
    default:
      let names = text.split(separator: ",", omittingEmptySubsequences: false)
      let kinds = names.compactMap { InputKind(rawValue: String($0)) }
      guard kinds.count == names.count else { return nil }
      self = .kinds(Set(kinds))
    }
  }

  /// The text that ``init(_:)`` takes back.
  public var description: String {
    switch self {
    case .auto: "auto"
    case .kinds([]): "none"
    case .kinds(let kinds):
      InputKind.allCases.filter(kinds.contains).map(\.rawValue).joined(separator: ",")
    }
  }
}
