public import ClseqSettings
import Foundation

/// The learning rate of each step: a linear warm-up, then constant or a cosine to zero
/// (Loshchilov and Hutter, SGDR, 2017, without restarts).
public struct LearningRateSchedule: Equatable, Sendable {
  /// The rate after the warm-up.
  public let baseRate: Double
  /// The course after the warm-up.
  public let kind: ScheduleKind
  /// Steps of the linear warm-up; 0 for none.
  public let warmupSteps: Int
  /// Steps after which the cosine has reached zero.
  public let totalSteps: Int

  /// A schedule over `totalSteps` steps, the warm-up among them.
  public init(baseRate: Double, kind: ScheduleKind, warmupSteps: Int, totalSteps: Int) {
    self.baseRate = baseRate
    self.kind = kind
    self.warmupSteps = warmupSteps
    self.totalSteps = totalSteps
  }

  /// The rate of a step, counted from 0. The first step of a warm-up over w steps has 1/w of the
  /// base rate, the w-th all of it.
  public func rate(step: Int) -> Double {
    if step < warmupSteps { return baseRate * Double(step + 1) / Double(warmupSteps) }
    switch kind {
    case .constant: return baseRate
    case .cosine:
      let span = max(1, totalSteps - warmupSteps)
      let progress = min(1, Double(step - warmupSteps) / Double(span))
      return baseRate * (1 + cos(.pi * progress)) / 2
    }
  }
}
