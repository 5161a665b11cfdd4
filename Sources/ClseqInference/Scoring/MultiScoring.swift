package import ClseqData
package import ClseqRuns

/// How several tasks of one model are scored: each by itself, its figures after its name.
package struct MultiScoring: TaskScoring {
  package let parts: [(name: String, scoring: any TaskScoring)]

  /// The figure of the first task.
  package var selection: SelectionMetric {
    parts[0].scoring.selection.named(of: parts[0].name)
  }

  /// Those that all parts with outputs have.
  package func neighbours(of part: Split.Part) -> [Neighbour] {
    let found = parts.map { each in
      each.scoring.neighbours(of: part).map { neighbour in
        Neighbour(title: neighbour.title, scores: neighbour.scores.named(of: each.name))
      }
    }.filter { !$0.isEmpty }
    return (found.first ?? []).compactMap { first in
      let same = found.compactMap { $0.first { $0.title == first.title } }
      guard same.count == found.count else { return nil }
      return Neighbour(title: first.title, scores: TaskScores(same.map(\.scores)))
    }
  }

  package func cases(of part: Split.Part, by runner: ModelRunner) throws -> [ScoredCases] {
    try parts.flatMap { each in
      try each.scoring.cases(of: part, by: runner).map { $0.named(of: each.name) }
    }
  }
}
