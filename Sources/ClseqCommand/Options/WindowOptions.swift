import ArgumentParser
import Clseq

/// How windows of events are cut.
struct WindowOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Events of a window, with --of windows.", valueName: "count"))
  var window: Int?
  @Option(
    help: ArgumentHelp(
      "Events from the start of a window to that of the next (default: those of a window).",
      valueName: "count"))
  var step: Int?

  /// Windows as the options say.
  var subject: VectorRequest.Subject {
    .windows(length: window ?? 1, step: step ?? window ?? 1)
  }

  /// Refuses what does not fit together.
  ///
  /// - Parameter isUsed: Whether `--of windows` is given.
  /// - Throws: `ValidationError`.
  func check(isUsed: Bool) throws {
    for (name, value) in [("window", window), ("step", step)] {
      if let value, value < 1 {
        throw ValidationError("--\(name) is \(value), and must be at least 1")
      }
      guard value == nil || isUsed else {
        throw ValidationError("--\(name) is of windows: add --of windows, or leave it out")
      }
    }
    guard !isUsed || window != nil else {
      throw ValidationError("--of windows needs the number of their events: add --window 20")
    }
  }
}
