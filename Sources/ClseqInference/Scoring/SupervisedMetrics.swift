import ClseqMetrics
import ClseqRuns
import Foundation

// The metrics of answers other than rankings, from the figures of ClseqMetrics.

extension CaseMetric {
  static let areaUnderCurve = CaseMetric(AUC.name) { $0.ordered.map { AUC().figure(of: $0) } }

  /// Of events alone: users have one case each.
  static let groupedAreaUnderCurve = CaseMetric(GAUC.name) { answers in
    guard answers.cases.subject == .event, let scores = answers.probabilities,
      let labels = answers.labels
    else { return nil }
    return GAUC(
      scores: scores, labels: labels, users: answers.cases.users,
      userCount: answers.cases.userCount)
  }

  static let averagePrecision = CaseMetric(AveragePrecision.name) {
    $0.ordered.map { AveragePrecision().figure(of: $0) }
  }

  static let logLoss = CaseMetric(LogLoss.name) { answers in
    guard let scores = answers.probabilities, let labels = answers.labels else { return nil }
    return answers.mean { LogLoss.cost(labels[$0], scores[$0]) }
  }

  static let calibrationError = CaseMetric(CalibrationError().title) {
    $0.ordered.map { CalibrationError().figure(of: $0) }
  }

  static let accuracy = CaseMetric(Accuracy.name) { answers in
    guard let scores = answers.probabilities, let labels = answers.labels else { return nil }
    return answers.mean { (scores[$0] >= 0.5) == labels[$0] ? 1 : 0 }
  }

  static let classAccuracy = CaseMetric(Accuracy.name) { answers in
    guard case .rows(_, _, .classes(let classes)) = answers.cases.answers else { return nil }
    let likeliest = answers.likeliest
    return answers.mean { likeliest[$0] == classes[$0] ? 1 : 0 }
  }

  static let macroF1 = CaseMetric(ClassF1.name) { answers in
    guard case .rows(let goal, _, .classes(let classes)) = answers.cases.answers else {
      return nil
    }
    return ClassF1(
      labels: classes, predictions: answers.likeliest, classCount: goal.outputCount,
      users: answers.cases.users, userCount: answers.cases.userCount)
  }

  static let classLogLoss = CaseMetric(LogLoss.name) { answers in
    guard case .rows(let goal, let outputs, .classes(let classes)) = answers.cases.answers else {
      return nil
    }
    let width = goal.outputCount
    return answers.mean { place in
      let row = outputs[place * width..<(place + 1) * width]
      return -log(max(goal.probabilities(row)[Int(classes[place])], 1e-300))
    }
  }

  static let rootMeanSquaredError = CaseMetric(RMSE.name) { answers in
    answers.error.map {
      RMSE().figure(users: answers.cases.users, userCount: answers.cases.userCount, of: $0)
    }
  }

  static let meanAbsoluteError = CaseMetric(MAE.name) { answers in
    answers.error.map {
      MAE().figure(users: answers.cases.users, userCount: answers.cases.userCount, of: $0)
    }
  }

  static let concordance = CaseMetric(ConcordanceIndex.name) { answers in
    guard case .rows(_, _, .durations(let durations, let observed)) = answers.cases.answers else {
      return nil
    }
    return ConcordanceIndex(
      durations: durations, observed: observed, predictions: answers.numbers,
      users: answers.cases.users, userCount: answers.cases.userCount)
  }
}

extension CaseAnswers {
  /// The error of the number that is predicted for a case; nil for answers that are no numbers.
  fileprivate var error: ((_ place: Int) -> Double)? {
    guard case .rows(_, _, .numbers(let truths)) = cases.answers else { return nil }
    let numbers = numbers
    return { numbers[$0] - truths[$0] }
  }
}
