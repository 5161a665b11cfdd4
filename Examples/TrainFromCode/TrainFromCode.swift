import Clseq

/// Trains a next-item model from code and sets its scores beside those of the most popular items.
///
///     swift run -c release TrainFromCode [LOG]
@main
struct TrainFromCode {
  static func main() throws {
    let dataset =
      if let path = CommandLine.arguments.dropFirst().first {
        try SequenceDataset.load(path: path)
      } else {
        try ShopLog(users: 500, items: 200, eventsPerUser: 5...30, seed: 7).dataset()
      }
    var settings = TrainingSettings()
    settings[.hiddenSize] = 32
    settings.maxLength = 30
    settings.batchSize = 32
    settings.epochs = 10

    let trainer = try Trainer(settings, dataset: dataset, on: try settings.openBackend())
    let progress = ProgressReport(style: .lines)
    let summary = try trainer.train(progress: progress)

    let popularity = PopularityBaseline(.leaveOneOut(dataset))
    let popular = RankingMetrics(ranks: popularity.ranks(for: .test))
    print("best epoch \(summary.bestEpoch) of \(summary.epochs)")
    for name in popular.names {
      print("\(name): \(summary.test[name] ?? 0), most popular items: \(popular[name] ?? 0)")
    }
  }
}
