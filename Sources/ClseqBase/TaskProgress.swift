/// The progress of a task that may take a while.
public struct TaskProgress: Equatable, Sendable {
  /// The stage in a word or two: `reading`.
  public let task: String
  /// Events that are done.
  public let done: Int
  /// All events; nil if their number is not known before the end.
  public let total: Int?

  /// A state of a task.
  public init(_ task: String, done: Int, of total: Int?) {
    self.task = task
    self.done = done
    self.total = total
  }
}

/// Called now and then with the progress of a task.
public typealias ProgressHandler = (TaskProgress) -> Void
