package import ClseqData
package import ClseqOps
package import ClseqRuns
package import ClseqSettings

/// A task on a split of the data, before there is a model: the targets, statistics of the training
/// targets, and the inputs and outputs of a model.
package struct TaskPlan {
  /// A part of a task.
  package struct Part {
    /// What it is about.
    package enum Aim {
      /// The ranking of items.
      case items
      /// One target.
      case row(Row)
      /// Attributes of items.
      case attributes(ItemAttributeTargets)
      /// Two stretches of a user against those of others.
      case contrast
      /// Whether a second segment is what followed the first.
      case nextSequence
      /// Whole sequences, of these examples in an epoch.
      case sequences(Examples)
    }

    /// The name of its figures.
    let name: String
    /// The factor of its loss among several.
    package let weight: Float
    package let aim: Aim
  }

  /// The examples and outputs of a target.
  package struct Row {
    package fileprivate(set) var goal: RowGoal
    package let places: TaskExamples
    /// The examples of an epoch.
    package let examples: Examples
  }

  let settings: TrainingSettings
  package let split: Split
  package let parts: [Part]
  package let description: TaskDescription
  package let inputs: EncodedInputs

  /// - Parameters:
  ///   - settings: The settings.
  ///   - split: The split.
  ///   - earlier: What a model takes and gives that goes on on this data; nil of one that begins anew.
  /// - Throws: `DataError.lacks` and `.unfit` where the data does not fit the task, `SettingsError`.
  package init(
    _ settings: TrainingSettings, split: Split, goingOnFrom earlier: TaskDescription? = nil
  ) throws {
    self.settings = settings
    self.split = split
    let named = try settings.parts(of: split)
    let cutoff = named.compactMap { $0.targets?.cutoff }.first
    var description = TaskDescription(
      task: settings.task, heads: [],
      inputs: try InputEncoding(
        settings.inputKinds, rule: settings.targetRule, of: split.dataset, fittedTo: split),
      cutoff: cutoff)
    if let earlier {
      guard let inputs = description.inputs.goingOn(from: earlier.inputs) else {
        throw SettingsError.doNotFit(
          "the inputs are not those of \(settings.continueFrom): leave out --inputs and --event-features, "
            + "and give the columns and tables that it was trained with")
      }
      description.inputs = inputs
    }
    let readsUsers =
      description.inputs.users != nil || !(settings.targetRule?.userAttributes ?? []).isEmpty
    if readsUsers { description.tables["users"] = split.dataset.userAttributes?.source.hash }
    if description.inputs.items != nil {
      description.tables["items"] = split.dataset.itemAttributes?.source.hash
    }
    if cutoff != nil { description.horizon = settings.horizonMicroseconds }
    if description.inputs.hasAges { description.moment = split.dataset.momentAfterLastEvent }
    inputs = EncodedInputs(
      description.inputs, of: split.dataset,
      moment: split.moments?.training ?? cutoff ?? description.moment,
      writesTypes: settings.writesTypes)
    parts = try named.map { part in
      guard let targets = part.targets else {
        let aim: Part.Aim
        switch part.aim {
        case .contrast: aim = .contrast
        case .nextSequence: aim = .nextSequence
        case .itemAttributes:
          let known = try ItemAttributeTargets(split.dataset, known: earlier?.itemTargets)
          description.itemTargets = known.encoding
          description.tables["items"] = split.dataset.itemAttributes?.source.hash
          aim = .attributes(known)
        default:
          aim =
            settings.writesSequences
            ? .sequences(split.wholeSequences(maximumLength: settings.maxLength)) : .items
        }
        return Part(name: part.name, weight: part.weight, aim: aim)
      }
      var row = try Row(part.kind, targets, settings, split)
      if let earlier { row.goal = try row.goal.goingOn(from: earlier, targets, settings) }
      description.heads.append(
        .init(name: part.headName, target: targets.rule.text, goal: row.goal))
      return Part(name: part.name, weight: part.weight, aim: .row(row))
    }
    try Self.requireLearnable(settings, split)
    self.description = description
  }

  /// What the scores of a run of this task depend on.
  package func passport(on backend: Backend) -> Passport {
    var passport = Passport(settings, split: split, backend: backend)
    if description.inputs.hasStatistics {
      passport.inputsFittedOn = "\(split.trainingEventCount) training events"
    }
    // Of what is left out no model is needed.
    passport.setLeftOut { part in
      parts.count == 1
        ? leftOut(of: parts[0], part)
        : parts.reduce(into: [:]) { counts, each in
          for (reason, count) in leftOut(of: each, part) {
            counts["\(each.name): \(reason)"] = count
          }
        }
    }
    return passport
  }

  private func leftOut(of each: Part, _ part: Split.Part?) -> [String: Int] {
    switch each.aim {
    case .items: split.leftOut(of: part)
    case .row(let row): row.places.leftOut(of: part)
    case .attributes, .contrast, .nextSequence, .sequences: [:]
    }
  }

  /// - Throws: `DataError.unfit` where a part of several has nothing to learn.
  private static func requireLearnable(
    _ settings: TrainingSettings, _ split: Split
  ) throws(DataError) {
    guard settings.task.answer == .parts else { return }
    if settings.ranksItems, split.dataset.itemCount < 2 {
      throw .unfit(
        path: split.dataset.source.name, what: "one item, of which next-item learns nothing",
        expected: "--tasks without next-item")
    }
    if settings.hasNextSequence {
      let examples = split.hiddenItemExamples(maximumLength: settings.maxLength)
      let trained = examples.lazy.filter { $0.inputs.count > 1 }.prefix(2).count
      let scored = Split.Part.allCases.map { NextSequenceScoring.users(of: split, $0).count }
      guard trained > 1, scored.allSatisfy({ $0 > 1 }) else {
        throw .unfit(
          path: split.dataset.source.name,
          what:
            "fewer than two users with two events before the target, which next-sequence cuts in two, in training "
            + "or in a part that is scored",
          expected: "longer sequences, or --tasks without next-sequence")
      }
    }
  }

  /// How the task is scored.
  package func scoring(_ heads: TaskHeads) -> any TaskScoring {
    precondition(
      heads.targets.count == description.heads.count,
      "TaskPlan: \(heads.targets.count) heads for \(description.heads.count) targets")
    var rest = heads.targets[...]
    let scorings = parts.map { part -> (name: String, scoring: any TaskScoring) in
      let scoring: any TaskScoring =
        switch part.aim {
        case .items: RankingScoring(split: split)
        case .row(let row): RowScoring(row, head: rest.removeFirst())
        case .attributes(let targets):
          ItemAttributeScoring(
            split: split, targets: targets, head: TaskHeads.present(heads.attributes))
        case .contrast: ContrastScoring(split: split, head: TaskHeads.present(heads.contrast))
        case .nextSequence:
          NextSequenceScoring(split: split, head: TaskHeads.present(heads.nextSequence))
        case .sequences:
          ReconstructionScoring(
            split: split, isVariational: settings.hasDistribution,
            heads: TaskHeads.present(heads.reconstruction))
        }
      return (part.name, scoring)
    }
    return settings.task.answer == .parts
      ? MultiScoring(parts: scorings) : scorings[0].scoring
  }
}

extension RowGoal {
  /// What the head of an earlier run means, for a run that goes on from it.
  fileprivate func goingOn(
    from earlier: TaskDescription, _ targets: Targets, _ settings: TrainingSettings
  ) throws -> RowGoal {
    guard let head = earlier.heads.first(where: { $0.target == targets.rule.text }) else {
      throw SettingsError.doNotFit(
        "\(settings.continueFrom) has no head for the target '\(targets.rule.text)': leave out --task and "
          + "--target, or use clseq finetune")
    }
    if case .classes(let names, _) = self, case .classes(let known, _) = head.goal {
      let new = names.filter { !known.contains($0) }
      guard names == known else {
        throw SettingsError.doNotFit(
          "the target '\(targets.rule.text)' has other classes than in \(settings.continueFrom)"
            + (new.isEmpty ? "" : ", such as '\(new[0])'")
            + ": train anew, or use clseq finetune, whose heads are new")
      }
    }
    return head.goal
  }
}

extension TaskPlan.Row {
  fileprivate init(
    _ kind: TaskKind, _ targets: Targets, _ settings: TrainingSettings, _ split: Split
  ) throws {
    let places = try TaskExamples(
      split: split, targets: targets, maximumLength: settings.maxLength)
    let examples =
      settings.task.answer == .parts
      ? split.nextItemExamples(maximumLength: settings.maxLength) : places.training
    let path = split.dataset.source.name
    goal = try RowGoal(
      settings, task: kind, targets: places.trainingTargets, path: path
    ) { take in
      places.forEachKnown(of: examples, part: nil) { index, _, _ in take(index) }
    }
    for part in Split.Part.allCases {
      try goal.requireScorable(places.targets(of: part), part: part, path: path) { take in
        places.forEachKnown(of: places.examples(of: part), part: part) { index, _, _ in
          take(index)
        }
      }
    }
    (self.places, self.examples) = (places, examples)
  }
}

/// A part of a task, before its truths are looked at.
private struct NamedPart {
  let kind: TaskKind
  /// The name of its figures.
  let name: String
  /// Nil where no target is meant.
  let targets: Targets?
  let weight: Float
  /// What a part without a target is about.
  var aim = TaskList.Part.Aim.items
  /// Its place among several; nil for the only one.
  var place: Int?

  /// The name of its parameters.
  var headName: String {
    place.map { "head.\($0)" } ?? "head"
  }
}

extension TrainingSettings {
  /// The parts of the task on a split.
  fileprivate func parts(of split: Split) throws -> [NamedPart] {
    func targets(_ rule: TargetRule) throws -> Targets {
      try Targets(
        rule, of: split.dataset, horizon: horizonMicroseconds,
        cutoff: cutoffTime(of: split.dataset))
    }
    guard task.answer == .parts else {
      return [
        NamedPart(
          kind: task, name: targetRule?.text ?? task.rawValue,
          targets: try targetRule.map(targets), weight: 1)
      ]
    }
    return try tasks.parts.enumerated().map { place, part in
      let kind = part.rule.map { TaskKind(answering: $0) ?? .regress } ?? .nextItem
      return NamedPart(
        kind: kind, name: part.name, targets: try part.rule.map(targets), weight: part.weight,
        aim: part.aim, place: place)
    }
  }
}
