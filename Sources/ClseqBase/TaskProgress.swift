/// How far a task is that may take a while.
public struct TaskProgress: Equatable, Sendable {
  /// What is done, in a word or two: `reading`.
  public let task: String
  /// Events that are done.
  public let done: Int
  /// Events that there are; nil where that is not known before the end.
  public let total: Int?

  /// A state of a task.
  public init(_ task: String, done: Int, of total: Int?) {
    self.task = task
    self.done = done
    self.total = total
  }
}

/// Is told, now and then, how far a task is.
public typealias ProgressHandler = (TaskProgress) -> Void
