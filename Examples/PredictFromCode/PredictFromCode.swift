import ClseqInference

/// Recommends items to each user of a log by a trained run. Nothing of training is linked.
///
///     swift run -c release PredictFromCode RUN LOG [DEVICE]
@main
struct PredictFromCode {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 2 else {
      print("usage: PredictFromCode RUN LOG [DEVICE]")
      return
    }
    let layout = try RunLayout.existing(at: arguments[1])
    var settings = try layout.settings()
    settings.data = arguments[2]
    if arguments.count > 3 { settings.device = arguments[3] }

    let run = try TrainedRun(layout, settings: settings)
    let data = try run.loadDataset()
    let model = try run.predictor(for: data, on: { try settings.openBackend() })
    try model.predict(RankingRequest(count: 5), progress: nil) { row in
      let items = row.items.map { run.vocabulary[Int($0.item)] }
      print(data.dataset.users[row.user], items.joined(separator: " "))
    }
  }
}
