package import ClseqData
import ClseqRuns
import Foundation

extension RowScoring {
  /// Simple answers from the truths of training alone: the same for everyone; of users a line through
  /// the days since the last event, and one through recency, frequency and value; of events the rates
  /// of items and of users.
  package func neighbours(of part: Split.Part) -> [Neighbour] {
    let known = places.knownCases(of: part)
    func neighbour(_ title: String, _ outputs: [Float]) -> Neighbour {
      // One after another: the cases of all would not fit where there are tens of millions.
      let cases = cases(of: part, users: known.users, places: known.places, outputs)
      return Neighbour(title: title, scores: TaskScores([cases]))
    }
    let constants = goal.constants(targets, of: forEachKnown).map { title, answer in
      neighbour(title, repeated(answer, known.users.count))
    }
    guard let truths = oneNumberEach else { return constants }
    switch targets.rule.subject {
    case .nextEvent: return constants
    case .event:
      return constants
        + ratesOfTraining(truths).map { rates in
          neighbour(rates.title, known.places.flatMap { outputs(ofMean: rates.answer($0)) })
        }
    case .user:
      return constants
        + lines(truths, of: part).map { line in
          let outputs = known.users.indices.flatMap {
            line.answer(Int(known.users[$0]), known.places[$0])
          }
          return neighbour(line.title, outputs)
        }
    }
  }

  /// Calls a body with the index of every truth that is known in training.
  private func forEachKnown(_ body: (Int) -> Void) {
    places.forEachKnown(of: examples, part: nil) { index, _, _ in body(index) }
  }

  private func repeated(_ answer: [Float], _ count: Int) -> [Float] {
    var outputs: [Float] = []
    outputs.reserveCapacity(count * answer.count)
    for _ in 0..<count { outputs.append(contentsOf: answer) }
    return outputs
  }

  /// The truths as numbers, of two classes as 0 and 1; nil where they are neither.
  private var oneNumberEach: LazyValues<Double>? {
    switch targets.values {
    case .numbers(let numbers): numbers
    case .classes(let classes, _) where goal.isYesOrNo:
      LazyValues(count: classes.count) { Double(classes[$0]) }
    case .classes, .durations: nil
    }
  }

  /// The outputs that say a number, or a probability.
  private func outputs(ofMean number: Double) -> [Float] {
    guard goal.isYesOrNo else { return [goal.output(ofNumber: number)] }
    let share = min(max(number, 1e-6), 1 - 1e-6)
    return goal.outputs(ofLogit: log(share / (1 - share)))
  }

  // MARK: - Events

  /// Whose mean counts so many cases of the mean of all beside its own.
  private static let priorCount = 10.0

  /// The mean truth of the training events of each item, and of each user, drawn towards the mean of
  /// all where there are few.
  private func ratesOfTraining(
    _ truths: LazyValues<Double>
  ) -> [(title: String, answer: (_ place: Int) -> Double)] {
    let dataset = places.split.dataset
    var (sum, known) = (0.0, 0.0)
    forEachKnown {
      sum += truths[$0]
      known += 1
    }
    let mean = sum / known
    func means(_ count: Int, _ owner: (Int) -> Int) -> [Double] {
      var sums = [Double](repeating: Self.priorCount * mean, count: count)
      var counts = [Double](repeating: Self.priorCount, count: count)
      forEachKnown { place in
        sums[owner(place)] += truths[place]
        counts[owner(place)] += 1
      }
      return zip(sums, counts).map { $0 / $1 }
    }
    func user(_ place: Int) -> Int { dataset.user(ofPlace: place) }
    let byItem = means(dataset.itemCount + 2) { Int(dataset.items[$0]) }
    let byUser = means(dataset.userCount, user)
    return [
      ("mean of item", { byItem[Int(dataset.items[$0])] }), ("mean of user", { byUser[user($0)] }),
    ]
  }

  // MARK: - Users

  /// Lines that are fitted to the training targets of users, and predict for those of
  /// a part.
  private func lines(
    _ truths: LazyValues<Double>, of part: Split.Part
  ) -> [(title: String, answer: (_ user: Int, _ place: Int) -> [Float])] {
    let dataset = places.split.dataset
    let (first, then) = (
      places.split.moments?.training ?? targets.cutoff, places.moment(of: part) ?? targets.cutoff
    )
    guard let numbers = RecencyFrequencyValue(dataset, moment: first),
      let values = RecencyFrequencyValue(dataset, moment: then)
    else { return [] }
    var (days, rows, answers): ([Float], [Float], [Double]) = ([], [], [])
    for example in examples {
      guard let place = example.targets.last else { continue }
      let user = Int(example.sequence)
      days.append(Float(numbers.daysSince(place)))
      rows.append(contentsOf: numbers.numbers(of: user, upTo: place))
      answers.append(truths[user])
    }
    let kind: LinearFit.Kind = goal.isYesOrNo ? .logistic : .leastSquares
    let line = LinearFit(kind, rows: days, width: 1, targets: answers)
    let all = LinearFit(kind, rows: rows, width: numbers.width, targets: answers)
    func answer(_ number: Double) -> [Float] {
      kind == .logistic ? goal.outputs(ofLogit: number) : [goal.output(ofNumber: number)]
    }
    return [
      ("recency", { answer(line.answer([Float(values.daysSince($1))])) }),
      (
        "recency, frequency, value",
        { answer(all.answer(values.numbers(of: $0, upTo: $1)[...])) }
      ),
    ]
  }
}

extension SequenceDataset {
  /// The user whose event stands at a place.
  fileprivate func user(ofPlace place: Int) -> Int {
    var (low, high) = (0, userCount)
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(offsets[middle]) <= place { low = middle } else { high = middle }
    }
    return low
  }
}

extension RowGoal {
  /// The outputs that say the same of everyone, each with its title: the shares of classes, the share
  /// of a yes, and of numbers the mean, which minimises the squared error, and the median, which has
  /// the absolute one.
  ///
  /// - Parameter forEachKnown: calls a body with the indices of the truths that are known in training,
  ///   at least one.
  func constants(
    _ targets: Targets, of forEachKnown: @escaping OrderStatistic.Each<Int>
  ) -> [(title: String, outputs: [Float])] {
    switch targets.values {
    case .classes(let classes, let names):
      var counts = [Double](repeating: 1e-6, count: names.count)
      forEachKnown { counts[Int(classes[$0])] += 1 }
      return [("constant", counts.map { Float(log($0)) })]
    case .numbers(let numbers):
      var (sum, count) = (0.0, 0.0)
      forEachKnown {
        sum += numbers[$0]
        count += 1
      }
      let mean = sum / count
      if case .binary = self { return [("constant", [Float(log(mean / (1 - mean)))])] }
      let middle = OrderStatistic.numbers(at: [(Int(count) - 1) / 2, Int(count) / 2]) { take in
        forEachKnown { take(numbers[$0]) }
      }
      let median = middle.map { ($0[0] + $0[1]) / 2 } ?? mean
      return [("mean", [output(ofNumber: mean)]), ("median", [output(ofNumber: median)])]
    case .durations: return [("constant", [Float](repeating: 0, count: outputCount))]
    }
  }
}
