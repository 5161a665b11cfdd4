/// When checkpoints are written, beside the ends of epochs.
public enum CheckpointInterval: Equatable, Sendable, CustomStringConvertible {
  /// At the ends of epochs alone.
  case epoch
  /// After so many steps.
  case steps(Int)
  /// After so many seconds, with the step in progress.
  case seconds(Double)

  private static let units: [(suffix: Character, seconds: Double)] = [
    ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
  ]

  /// `epoch`, a number of steps from 1, or a positive number with the unit `s`, `m`, `h` or `d`.
  public init?(_ text: String) {
    if text == "epoch" {
      self = .epoch
    } else if let steps = Int(text) {
      guard steps >= 1 else { return nil }
      self = .steps(steps)
    } else if let unit = Self.units.first(where: { $0.suffix == text.last }),
      let number = Double(text.dropLast()), case let seconds = number * unit.seconds,
      seconds > 0, seconds < 0x1p62
    {
      self = .seconds(seconds)
    } else {
      return nil
    }
  }

  /// The text that ``init(_:)`` takes back.
  public var description: String {
    switch self {
    case .epoch: "epoch"
    case .steps(let count): "\(count)"
    case .seconds(let seconds): "\(Int(exactly: seconds).map(String.init) ?? "\(seconds)")s"
    }
  }
}
