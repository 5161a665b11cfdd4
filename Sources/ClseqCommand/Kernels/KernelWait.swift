import Clseq
import ClseqRuntime
import ClseqTraining
import Dispatch
import Foundation
import Synchronization

/// Shows that kernels are being built, which a first start waits for: a line that changes on a
/// terminal, plain lines elsewhere, nothing where all are known from an earlier start.
enum KernelWait {
  private struct Wait {
    let start = ContinuousClock.now
    /// Whether pocl builds, which leaves new kernels in the folder of this process.
    let watchesFolder: Bool
    /// Programs that will be built or loaded; nil where that is not known.
    let programs: Int?
    /// The program that is being built, or was last.
    var program = ""
    var number = 0
    var isBuilding = true
    var lastText = ""
    var lastTime: ContinuousClock.Instant?
  }

  /// Nil while nothing waits.
  private static let wait = Mutex<Wait?>(nil)
  /// Wait before a message; longer where only the time shows that a program is new.
  private static let delay = Duration.milliseconds(500)
  private static let longDelay = Duration.seconds(1)
  private static let barInterval = Duration.milliseconds(100)
  private static let lineInterval = Duration.seconds(5)

  /// Shows each wait for programs of a context, until ``end()``.
  static func begin(_ settings: ResolvedSettings, _ context: Context, programs: Int?) {
    guard !settings.quiet else { return }
    let isPocl = context.device.platformName.hasPrefix("Portable Computing")
    context.onBuild = { build in
      let isFirst = wait.withLock { state in
        let isFirst = state == nil
        var wait =
          state
          ?? Wait(watchesFolder: isPocl && KernelCache.builtCounts != nil, programs: programs)
        (wait.program, wait.number) = (build.source, build.number)
        wait.isBuilding = !build.isDone
        state = wait
        return isFirst
      }
      if isFirst { show(settings, every: isBar(settings) ? barInterval : delay) }
    }
  }

  /// Ends it: another message was written, or other work began.
  static func end() {
    let wasVisible = wait.withLock { state in
      defer { state = nil }
      return state?.lastTime != nil
    }
    if wasVisible, isBar(nil) { ProgressReport.standardError("\r\u{1B}[K") }
  }

  private static func isBar(_ settings: ResolvedSettings?) -> Bool {
    guard let settings else { return Console.log.isTerminal && Console.log.style == .text }
    if case .bar = Console.progressStyle(settings) { return true }
    return false
  }

  private static func show(_ settings: ResolvedSettings, every interval: Duration) {
    DispatchQueue.global().asyncAfter(deadline: .now() + interval / .seconds(1)) {
      let goesOn = wait.withLock { state in
        guard var wait = state else { return false }
        if let text = text(&wait, isBar: isBar(settings)) {
          switch Console.progressStyle(settings) {
          case .bar(let columns, _):
            ProgressReport.standardError("\r\u{1B}[K" + text.prefix(columns - 1))
          default: Console.note(text, settings)
          }
        }
        state = wait
        return true
      }
      if goesOn { show(settings, every: interval) }
    }
  }

  /// What is to be shown now, nil where that is nothing.
  private static func text(_ wait: inout Wait, isBar: Bool) -> String? {
    let now = ContinuousClock.now
    guard now - wait.start >= (wait.watchesFolder ? delay : longDelay),
      wait.lastTime.map({ now - $0 >= (isBar ? barInterval : lineInterval) }) ?? true
    else { return nil }
    var text =
      "building kernels: program \(wait.number)"
      + (wait.programs.map { " of \(max($0, wait.number))" } ?? "") + " (\(wait.program))"
    if wait.watchesFolder {
      // pocl has built all of a program's kernels only when each was launched.
      guard let built = KernelCache.builtCounts, built.programs > 0 else { return nil }
      text += ", \(counted(built.kernels, "kernel")) compiled"
    } else if !wait.isBuilding {
      return nil
    }
    // Nothing new is no news: an epoch may be under way that has nothing to say yet.
    guard text != wait.lastText || isBar else { return nil }
    wait.lastText = text
    let isFirst = wait.lastTime == nil
    wait.lastTime = now
    let seconds = Int((now - wait.start) / .seconds(1))
    return isFirst && !isBar ? "\(text); later starts need not wait" : "\(text), \(seconds) s"
  }
}
