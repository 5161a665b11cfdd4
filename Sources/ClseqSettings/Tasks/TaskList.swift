public import ClseqData

/// The parts of the task `multi`, from their text: `next-item,next-type*0.5`.
public struct TaskList: Sendable, Equatable, CustomStringConvertible {
  /// One part with its weight in the loss.
  public struct Part: Sendable, Equatable {
    /// The kind of output; nil for the ranking of items.
    public let rule: TargetRule?
    /// Above 0.
    public let weight: Float

    /// The part's name, that of its figures.
    public var name: String { rule?.text ?? TaskKind.nextItem.rawValue }
  }

  /// Two or more, each of its own.
  public let parts: [Part]

  /// What a text must be, for messages.
  static let expected =
    "two or more of next-item, next-type, next:FEATURE and return, each once and perhaps with a "
    + "weight, as in next-item,next-type*0.5"

  /// Items and types of next events.
  static let usual = TaskList(parts: [
    Part(rule: nil, weight: 1), Part(rule: .nextType, weight: 1),
  ])

  private init(parts: [Part]) { self.parts = parts }

  /// The parts of a text; nil for one that is not as `expected`.
  public init?(_ text: String) {
    var parts: [Part] = []
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = entry.split(separator: "*", omittingEmptySubsequences: false)
      let weight = pieces.count == 2 ? Float(pieces[1]) : 1
      let rule = TargetRule(String(pieces[0]))
      guard pieces.count <= 2, let weight, weight > 0, weight.isFinite,
        pieces[0] == TaskKind.nextItem.rawValue || rule?.subject == .nextEvent,
        !parts.contains(where: { $0.rule == rule })
      else { return nil }
      parts.append(Part(rule: rule, weight: weight))
    }
    guard parts.count > 1 else { return nil }
    self.parts = parts
  }

  /// The text that ``init(_:)`` takes back.
  public var description: String {
    parts.map { part in
      let weight = Int(exactly: part.weight).map(String.init) ?? "\(part.weight)"
      return part.weight == 1 ? part.name : "\(part.name)*\(weight)"
    }.joined(separator: ",")
  }
}
