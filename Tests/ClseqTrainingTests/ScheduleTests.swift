import ClseqTestSupport
import ClseqTraining
import Testing

@Suite struct ScheduleTests {
  @Test func warmUpIsLinearAndReachesTheBaseRate() {
    let schedule = LearningRateSchedule(
      baseRate: 2, kind: .constant, warmupSteps: 4, totalSteps: 10)
    #expect((0..<6).map(schedule.rate) == [0.5, 1, 1.5, 2, 2, 2])
  }

  @Test func cosineFallsFromTheBaseRateToZero() {
    let schedule = LearningRateSchedule(baseRate: 2, kind: .cosine, warmupSteps: 2, totalSteps: 10)
    #expect(schedule.rate(step: 2) == 2)
    #expect(abs(schedule.rate(step: 6) - 1) < Tolerance.mean)
    #expect(schedule.rate(step: 10) == 0)
    #expect(schedule.rate(step: 1000) == 0)
    let rates = (2...10).map(schedule.rate)
    #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test func stepsMayAllBeWarmUp() {
    let schedule = LearningRateSchedule(baseRate: 1, kind: .cosine, warmupSteps: 3, totalSteps: 3)
    #expect(schedule.rate(step: 2) == 1)
    #expect(schedule.rate(step: 3).isFinite)
  }

  @Test func stoppingWaitsForPatience() {
    var stopping = EarlyStopping(patience: 2)
    let scores = [0.1, 0.3, 0.3, .nan]
    #expect(
      scores.enumerated().map { stopping.record(epoch: $0 + 1, score: $1) }
        == [true, true, false, false])
    #expect(stopping.bestEpoch == 2 && stopping.bestScore == 0.3 && stopping.shouldStop)
    let better = stopping.record(epoch: 5, score: 0.4)
    #expect(better && !stopping.shouldStop)
  }

  @Test func noPatienceIsEndless() {
    var stopping = EarlyStopping(patience: 0)
    for epoch in 1...50 { _ = stopping.record(epoch: epoch, score: 0) }
    #expect(!stopping.shouldStop && stopping.bestEpoch == 1)
  }

  @Test func aFirstScoreThatIsNoNumberIsNotTheBest() {
    var stopping = EarlyStopping(patience: 1)
    let first = stopping.record(epoch: 1, score: .nan)
    #expect(!first && stopping.shouldStop)
    let second = stopping.record(epoch: 2, score: 0)
    #expect(second && stopping.bestEpoch == 2)
  }
}
