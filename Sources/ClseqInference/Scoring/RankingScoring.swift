import ClseqData
import ClseqRuns

/// How the ranking of the next item is scored.
struct RankingScoring: TaskScoring {
  let split: Split
  package var selection: SelectionMetric { .ranking }

  package func neighbours(of part: Split.Part) -> [Neighbour] { [] }

  package func cases(of part: Split.Part, by runner: ModelRunner) throws -> [ScoredCases] {
    [ScoredCases(ranks: try Evaluator(runner, split: split).ranks(of: part), of: split, part)]
  }
}
