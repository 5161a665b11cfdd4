import ClseqRuns
import ClseqSettings
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
    let scores = [0.3, 0.2, 0.2, .nan]
    #expect(
      scores.enumerated().map { stopping.record(epoch: $0 + 1, score: $1) }
        == [true, false, false, false])
    #expect(stopping.bestEpoch == 1 && stopping.bestScore == 0.3 && stopping.shouldStop)
    let better = stopping.record(epoch: 5, score: 0.4)
    #expect(better && !stopping.shouldStop)
  }

  /// After a lucky score, epochs whose mean still rises do not count against patience.
  @Test func aRisingMeanKeepsTrainingGoing() {
    var stopping = EarlyStopping(patience: 2)
    let scores = [0.1, 0.1, 0.9] + (0..<20).map { 0.5 + 0.01 * Double($0) }
    var isBest: [Bool] = []
    for (index, score) in scores.enumerated() {
      isBest.append(stopping.record(epoch: index + 1, score: score))
      if index < 7 { #expect(!stopping.shouldStop) }
    }
    #expect(isBest == [true, false, true] + Array(repeating: false, count: 20))
    #expect(stopping.bestEpoch == 3 && stopping.recentScores == Array(scores.suffix(5)))
    // The mean that holds the lucky score is beaten in the end.
    #expect(stopping.staleCount == 0 && abs((stopping.bestMean ?? 0) - 0.67) < 1e-12)
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
