/// How a figure of one class becomes one of all classes.
public enum ClassAveraging: String, Sendable, CaseIterable {
  /// The plain mean over the classes: a rare class weighs as much as a frequent one.
  case macro
  /// The figure of the summed counts: every case weighs the same.
  case micro
}
