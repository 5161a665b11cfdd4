import Clseq

/// Shows on standard error how far the tasks of a command are, one after another.
final class ProgressMeter {
  private var report: ProgressReport
  private var task: String?

  init(_ settings: TrainingSettings) {
    report = ProgressReport(style: Console.progressStyle(settings))
  }

  /// The bar goes away however the command ends.
  deinit { report.end() }

  /// Takes what a task tells.
  var handler: ProgressHandler { { self.show($0) } }

  /// Shows a state; another task than before begins anew.
  private func show(_ progress: TaskProgress) {
    if progress.task != task {
      report.end()
      report.begin(progress.task, totalEvents: progress.total)
      task = progress.task
    }
    report.advance(to: progress.done)
    if progress.done == progress.total { end() }
  }

  /// Ends the present task.
  func end() {
    report.end()
    task = nil
  }
}
