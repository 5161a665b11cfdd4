import Clseq

extension EvaluateCommand {
  /// Prints the figures of generated events.
  func show(_ summary: GenerationSummary, _ settings: ResolvedSettings) throws {
    func fixed(_ value: Double?) -> String {
      value.map { NumberText.fixed($0, digits: 4) } ?? ""
    }
    try Console.show(summary, as: settings.format) {
      var steps = TextTable(header: ["step"] + summary.stepNames)
      for step in summary.steps {
        steps.append(["\(step.step)"] + summary.stepNames.map { fixed(step.scores[$0]) })
      }
      var sequences = TextTable(header: ["metric", summary.split])
      for name in summary.sequenceNames {
        sequences.append([name, fixed(summary.sequences[name])])
      }
      sequences.append(["users", "\(summary.users)"])
      return steps.text + "\n" + sequences.text + "\n" + Self.text(of: summary.passport)
    }
  }
}
