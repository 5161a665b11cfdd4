import Clseq
import ClseqTraining
import Dispatch
import Synchronization

/// Tells that kernels are being built, which a first start waits for in silence.
enum KernelWait {
  private static let isWaiting = Atomic<Bool>(false)
  /// Seconds before the first line, and between two.
  private static let delay = 2
  private static let interval = 5

  /// Begins to tell, until ``end()``; nothing happens where kernels are known from an earlier start.
  static func begin(_ settings: ResolvedSettings) {
    guard !settings.quiet, KernelCache.isCold,
      !isWaiting.exchange(true, ordering: .relaxed)
    else { return }
    tell(after: delay, since: .now, settings)
  }

  /// Ends it: something else has been told or done.
  static func end() { isWaiting.store(false, ordering: .relaxed) }

  private static func tell(
    after seconds: Int, since start: ContinuousClock.Instant, _ settings: ResolvedSettings
  ) {
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) {
      guard isWaiting.load(ordering: .relaxed) else { return }
      let passed = Int((ContinuousClock.now - start) / .seconds(1))
      Console.note(
        "building kernels for the device, \(passed) s; later starts need not wait", settings)
      tell(after: interval, since: start, settings)
    }
  }
}
