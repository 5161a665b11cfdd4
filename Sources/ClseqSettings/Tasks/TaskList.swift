public import ClseqData

/// The parts of the tasks `multi` and `pretrain`, from their text: `next-item,next-type*0.5`.
public struct TaskList: Sendable, Equatable, CustomStringConvertible {
  /// One part with its weight in the loss.
  public struct Part: Sendable, Equatable {
    /// What is learned.
    public enum Aim: Sendable, Equatable {
      /// The ranking of items.
      case items
      /// A target about next events.
      case target(TargetRule)
      /// The attributes of items.
      case itemAttributes
      /// To tell two stretches of one user from those of others.
      case contrast
      /// To tell whether a second segment is what followed the first.
      case nextSequence

      /// The aim of a name; nil for an unknown one.
      init?(_ name: String) {
        switch name {
        case Aim.items.name: self = .items
        case Aim.itemAttributes.name: self = .itemAttributes
        case Aim.contrast.name: self = .contrast
        case Aim.nextSequence.name: self = .nextSequence
        default:
          guard let rule = TargetRule(name), rule.subject == .nextEvent else { return nil }
          self = .target(rule)
        }
      }

      var name: String {
        switch self {
        case .items: TaskKind.nextItem.rawValue
        case .target(let rule): rule.text
        case .itemAttributes: "item-attributes"
        case .contrast: "contrast"
        case .nextSequence: "next-sequence"
        }
      }
    }

    /// What is learned.
    public let aim: Aim
    /// Above 0.
    public let weight: Float

    /// The target about next events; nil where the aim is another.
    public var rule: TargetRule? {
      guard case .target(let rule) = aim else { return nil }
      return rule
    }

    /// The part's name, that of its figures.
    public var name: String { aim.name }
  }

  /// At least one, each of its own.
  public let parts: [Part]

  /// What a text must be, for messages.
  static let expected =
    "some of next-item, next-type, next:FEATURE, return, item-attributes, contrast and next-sequence, each once and "
    + "perhaps with a weight, as in next-item,next-type*0.5"

  /// Items and types of next events.
  static let usual = TaskList(parts: [
    Part(aim: .items, weight: 1), Part(aim: .target(.nextType), weight: 1),
  ])

  /// Those from which a model learns without labels on any log.
  static let pretraining = TaskList(parts: [
    Part(aim: .items, weight: 1), Part(aim: .contrast, weight: 1),
  ])

  private init(parts: [Part]) { self.parts = parts }

  /// The parts of a text; nil for one that is not as `expected`.
  public init?(_ text: String) {
    var parts: [Part] = []
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = entry.split(separator: "*", omittingEmptySubsequences: false)
      let weight = pieces.count == 2 ? Float(pieces[1]) : 1
      guard pieces.count <= 2, let weight, weight > 0, weight.isFinite,
        let aim = Part.Aim(String(pieces[0])), !parts.contains(where: { $0.aim == aim })
      else { return nil }
      parts.append(Part(aim: aim, weight: weight))
    }
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
