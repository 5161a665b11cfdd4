package import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps
package import ClseqRuns

/// How a target is scored: a linear head turns the state of each event with a target into a row of
/// outputs, and a goal says what they mean.
package struct RowScoring: TaskScoring {
  package let goal: RowGoal
  let places: TaskExamples
  /// The examples of an epoch.
  let examples: Examples
  /// `[C, state width]`.
  let head: Linear
  package var selection: SelectionMetric { goal.selection }
  /// The truths that training may know.
  var targets: Targets { places.trainingTargets }

  init(_ row: TaskPlan.Row, head: Linear) {
    (goal, places, examples) = (row.goal, row.places, row.examples)
    self.head = head
  }

  package func cases(of part: Split.Part, by runner: ModelRunner) throws -> [ScoredCases] {
    let outputs = try outputs(of: part, by: runner)
    return [cases(of: part, users: outputs.users, places: outputs.places, outputs.values)]
  }

  /// Answers to cases of a part whose truth is known.
  ///
  /// - Parameters:
  ///   - users: The user of each, ascending.
  ///   - places: The place of each case's event, or of the event before it.
  ///   - values: C outputs each.
  func cases(
    of part: Split.Part, users: [Int32], places: [Int], _ values: [Float]
  ) -> ScoredCases {
    let targets = self.places.targets(of: part)
    let subject = targets.rule.subject
    let truths: ScoredCases.Truths =
      subject == .user
      ? .init(targets, goal, at: users.lazy.map { Int($0) })
      : .init(targets, goal, at: places)
    return ScoredCases(
      .init(subject), datasetUsers: users, places: LazyValues(places),
      .rows(goal, outputs: values, truths), of: self.places.split)
  }

  /// The outputs of every event, or user, with a known target in a part, in the order
  /// of the dataset.
  package func outputs(of part: Split.Part, by runner: ModelRunner) throws -> RowOutputs {
    var runner = runner
    if let moment = places.moment(of: part) { runner.inputs = runner.inputs.at(moment) }
    let targets = places.targets(of: part)
    let width = goal.outputCount
    var found = RowOutputs(width: width)
    try runner.forEachBatch(
      of: places.examples(
        of: part, reach: runner.model.reach, sharing: runner.sharing),
      in: places.split.dataset, "scoring"
    ) { [runner] batch in
      let values = try runner.outputs(of: batch) { try head($0, on: $1) }
      // Batches follow the dataset; inside a batch the longest sequence comes first.
      let order = batch.targetRows.indices.sorted {
        batch.places[Int(batch.targetRows[$0])] < batch.places[Int(batch.targetRows[$1])]
      }
      for row in order {
        let event = Int(batch.targetRows[row])
        guard targets.isKnown(places.index(of: event, in: batch)) else { continue }
        found.append(
          user: batch.sequences[event], place: batch.places[event],
          values[row * width..<(row + 1) * width])
      }
    }
    return found
  }
}

extension ScoredCases.Subject {
  init(_ subject: TargetRule.Subject) {
    switch subject {
    case .event: self = .event
    case .nextEvent: self = .nextEvent
    case .user: self = .user
    }
  }
}
