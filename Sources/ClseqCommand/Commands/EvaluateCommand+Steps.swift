import Clseq

extension EvaluateCommand {
  /// The figures of generated events, on a generated log beside those of the best possible rankers.
  func summary(
    ofSteps count: Int, _ run: ScoredRun, _ settings: ResolvedSettings
  ) throws -> GenerationSummary {
    let cases = try run.generationCases(of: part, stepCount: count)
    var shop: ShopLog?
    if let items = shopItems {
      shop = try ShopLog(
        users: 1, items: items, eventsPerUser: 1...1, seed: shopSeed ?? ShopLog.demo.seed)
    } else if settings.data.isEmpty {
      shop = settings.training.demo
    }
    let best = try shop?.bestStepRanks(
      of: run.split.dataset, truths: cases.places, progress: ProgressReport(settings).handler)
    return GenerationSummary(
      run: directory, split: part.rawValue, cases: cases,
      best: best, passport: run.passport)
  }

  /// Prints the figures of generated events.
  func show(_ summary: GenerationSummary, _ settings: ResolvedSettings) throws {
    func fixed(_ value: Double?) -> String {
      value.map { NumberText.fixed($0, digits: 4) } ?? ""
    }
    try Console.show(summary, as: settings.format) {
      let others = summary.others ?? []
      var steps = TextTable(
        header: ["step"] + (others.isEmpty ? [] : ["ranker"]) + summary.stepNames,
        alignment: others.isEmpty
          ? nil : [.left, .left] + summary.stepNames.map { _ in .right })
      for step in summary.steps {
        let rows =
          [("the run", step.scores)] + others.map { ($0.title, $0.steps[step.step - 1]) }
        for (title, scores) in rows {
          steps.append(
            ["\(step.step)"] + (others.isEmpty ? [] : [title])
              + summary.stepNames.map { fixed(scores[$0]) })
        }
      }
      let errors = others.compactMap(\.standardErrors).flatMap { $0.flatMap(\.values) }
      let note =
        // The first step needs no paths.
        errors.max().flatMap { summary.steps.count > 1 ? $0 : nil }.map {
          "best possible: from \(ShopLog.usualPathCount) drawn paths of each user, standard error at most "
            + "\(fixed($0))\n"
        } ?? ""
      var sequences = TextTable(header: ["metric", summary.split])
      for name in summary.sequenceNames {
        sequences.append([name, fixed(summary.sequences[name])])
      }
      sequences.append(["users", "\(summary.users)"])
      return steps.text + note + "\n" + sequences.text + "\n" + Self.text(of: summary.passport)
    }
  }
}
