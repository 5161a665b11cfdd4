import ClseqTraining
import Foundation
import Synchronization

/// A task that a signal ended early, in good order.
struct Interruption: Error, CustomStringConvertible {
  let signal: Int32
  /// How to go on.
  let advice: String

  var description: String { "interrupted; \(advice)" }

  /// Runs a body in which a signal ends a training.
  ///
  /// - Parameter advice: How to go on; nil for the advice of the training.
  /// - Throws: ``Interruption`` in place of `TrainingInterrupted`.
  static func mapped<Result>(advice: String? = nil, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let interrupted as TrainingInterrupted {
      throw Interruption(
        signal: Interrupt.signal ?? SIGINT, advice: advice ?? interrupted.advice)
    }
  }
}

/// SIGINT and SIGTERM: the first ends the present task in good order, a second ends the
/// program at once.
enum Interrupt {
  /// The signal that came, 0 before. Process-wide, because signals are.
  private static let received = Atomic<Int32>(0)

  /// The signal that was received, or nil.
  static var signal: Int32? {
    let signal = received.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Takes over both signals.
  static func install() {
    // The handler may not be the first to touch the lazily made flag.
    received.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      Foundation.signal(number) { number in
        let earlier = Interrupt.received.exchange(number, ordering: .relaxed)
        if earlier != 0 { _exit(128 + number) }
      }
    }
  }
}
