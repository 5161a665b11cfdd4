import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// Sequences that are compressed and written back, from the file to figures, vectors and samples.
@Suite(.serialized) struct ReconstructionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: ModelKind
    var encoder = SequenceEncoding.lstm

    var testDescription: String { "\(model.name) \(encoder.rawValue)" }
  }

  private static let cases = [
    Case(model: .autoencoder), Case(model: .autoencoder, encoder: .gru),
    Case(model: .autoencoder, encoder: .transformer), Case(model: .vae),
    Case(model: .vae, encoder: .transformer), Case(model: .convAutoencoder),
  ]

  /// 120 users with 3 to 9 events; items follow each other by the user's group, types by the item, prices too.
  private static let files = Result {
    let folder = try TemporaryFolder()
    var numbers = TestNumbers(seed: 5)
    var log = "user_id,item_id,event,timestamp,price\n"
    for user in 0..<120 {
      let count = 3 + Int(numbers.indices(1, below: 7)[0])
      let first = Int(numbers.indices(1, below: 8)[0])
      for place in 0..<count {
        let item = (first + place * (1 + user % 3)) % 24
        log +=
          "u\(user),i\(item),\(["view", "cart", "buy"][item % 3]),"
          + "\(1_700_000_000 + user + 3_600 * place * (1 + user % 3)),\(1 + item % 7)\n"
      }
    }
    _ = try folder.write(log.utf8, to: "log.csv")
    return folder
  }

  private func settings(
    _ test: Case, inputs: InputChoice = .auto
  ) throws -> TrainingSettings {
    var settings = TrainingSettings(task: .reconstruct, model: .network(test.model))
    settings.data = try Self.files.get().file("log.csv")
    settings.inputs = inputs
    if inputs == .auto { settings.eventFeatures = [FeatureRequest("price:log")] }
    (settings.maxLength, settings[.hiddenSize], settings[.recurrentSizes]) = (8, 16, [20])
    (settings[.codeSize], settings[.encoder]) = (6, test.encoder)
    (settings.batchSize, settings.epochs, settings.seed) = (16, 2, 3)
    settings[.klWarmupEpochs] = 2
    try settings.validate()
    return settings
  }

  private func trainer(_ settings: TrainingSettings, _ kind: TestBackend) throws -> Trainer {
    try Trainer(settings, dataset: try settings.loadDataset(), on: try kind.make())
  }

  @Test(arguments: TestBackend.onDevice, cases)
  func tenLossesAgreeWithTheReference(_ kind: TestBackend, _ test: Case) throws {
    var settings = try settings(test)
    (settings[.wordDropout], settings[.dropout]) = (0.3, 0.1)
    let losses = try [kind, .reference].map { kind in
      let trainer = try trainer(settings, kind)
      let batches = trainer.batches(epoch: 0)
      return try (0..<10).map { step in
        try trainer.store.backend.read(try trainer.step(batches[step % batches.count]))[0]
      }
    }
    for (device, reference) in zip(losses[0], losses[1]) {
      #expect(abs(device - reference) < Tolerance.loss(reference))
    }
  }

  @Test(arguments: cases) func sameSeedSameBytes(_ test: Case) throws {
    var settings = try settings(test)
    settings[.wordDropout] = 0.3
    let values = try (0..<2).map { _ in
      let trainer = try trainer(settings, .cpu8)
      for batch in trainer.batches(epoch: 0) { _ = try trainer.step(batch) }
      return try trainer.store.backend.read(trainer.store.values).map(\.bitPattern)
    }
    #expect(values[0] == values[1])
  }

  /// Sequences that training has not met are written back far better than by chance.
  @Test(arguments: cases) func heldOutSequencesAreWrittenBack(_ test: Case) throws {
    var settings = try settings(test)
    (settings.epochs, settings.learningRate, settings.patience) = (100, 0.03, 0)
    settings[.beta] = 0.1
    let trainer = try trainer(settings, .cpu8)
    let summary = try trainer.train(progress: ProgressReport(style: .silent))
    let isVariational = test.model == .vae
    #expect(
      summary.scoreNames
        == (isVariational ? ["objective"] : []) + [
          "NLL", "accuracy", "item NLL", "type accuracy", "gap accuracy", "price RMSE",
          "end accuracy",
        ] + (isVariational ? ["KL", "active dimensions", "collapsed dimensions"] : []))
    #expect(summary.scoreNames.allSatisfy { summary.test[$0]?.isFinite ?? false })
    #expect(summary.test["accuracy"] ?? 0 > 0.7, "\(summary.test)")
    #expect(summary.test["type accuracy"] ?? 0 > 0.7, "\(summary.test)")
    #expect(summary.test["price RMSE"] ?? 9 < 1.8, "\(summary.test)")
    #expect(summary.passport.task == "reconstruct" && trainer.selection.isHigherBetter == false)
    guard isVariational else { return }
    let score = { (name: String) in summary.test[name] ?? .nan }
    #expect(score("active dimensions") + score("collapsed dimensions") == 6)
    #expect(score("active dimensions") > 0 && score("KL") > 0.5)
    #expect(score("objective") > score("NLL"))
  }

  /// Of items alone nothing else is written but the end.
  @Test func itemsAloneHaveTheirFigures() throws {
    let trainer = try trainer(settings(Case(model: .autoencoder), inputs: .kinds([])), .cpu8)
    let names = try trainer.scores(of: .validation).names
    #expect(names == ["NLL", "accuracy", "item NLL", "end accuracy"])
  }

  /// The likelihood is that of the loss, and the figures of groups are of their users alone.
  @Test func theLikelihoodIsTheLoss() throws {
    var settings = try settings(Case(model: .autoencoder), inputs: .kinds([]))
    settings.batchSize = 1_000
    let trainer = try trainer(settings, .reference)
    let dataset = trainer.split.dataset
    let users = (0..<dataset.userCount).filter {
      !trainer.split.targetPlaces(of: $0, for: .test).isEmpty
    }
    let batch = RaggedBatch(
      users.map {
        Example(
          sequence: Int32($0),
          inputs: trainer.split.targetPlaces(of: $0, for: .test).suffix(settings.maxLength))
      }, of: dataset)
    let expected = try #require(try trainer.scores(of: .test)["NLL"])
    let loss = try trainer.store.backend.read(try trainer.step(batch))[0]
    #expect(abs(Double(loss) - expected) < Double(Tolerance.loss(loss)))
  }

  // MARK: Runs

  private func trained(_ test: Case) throws -> (TemporaryFolder, TrainedRun) {
    let folder = try TemporaryFolder()
    var settings = try settings(test)
    settings.data = folder.file("log.csv")
    try FileManager.default.copyItem(
      atPath: try Self.files.get().file("log.csv"), toPath: settings.data)
    let trainer = try trainer(settings, .reference)
    _ = try trainer.train(
      in: try RunDirectory.create(at: folder.file("run")), progress: ProgressReport(style: .silent))
    let layout = try RunLayout.existing(at: folder.file("run"))
    return (folder, try TrainedRun(layout, settings: try layout.settings()))
  }

  private func model(_ run: TrainedRun, batchSize: Int = 16) throws -> TrainedModel {
    var settings = run.settings
    settings.batchSize = batchSize
    let run = try TrainedRun(run.layout, settings: settings)
    return try TrainedModel(run, try run.loadDataset(), on: .reference())
  }

  @Test(arguments: cases) func aCodeIsOfItsSequenceAlone(_ test: Case) throws {
    let (folder, run) = try trained(test)
    try withExtendedLifetime(folder) {
      func codes(_ size: Int, _ request: VectorRequest) throws -> [[Float]] {
        var codes: [[Float]] = []
        try model(run, batchSize: size).vectors(request) { codes.append(Array($0.values)) }
        return codes
      }
      let together = try codes(16, VectorRequest(.users))
      #expect(together.count == 120 && together.allSatisfy { $0.count == 6 })
      #expect(try codes(1, VectorRequest(.users)) == together)
      #expect(try codes(16, VectorRequest(.users, reducedTo: .code)) == together)
      // Sequences that differ have codes that differ; several users have the same one.
      let dataset = try run.loadDataset().dataset
      let distinct = Set(
        (0..<dataset.userCount).map { Array(dataset[$0].suffix(8)) })
      #expect(distinct.count > 50 && Set(together).count >= distinct.count)
      let segments = try UserSegments(of: try model(run), count: 3, seed: 1)
      #expect(segments.segments.map(\.users).reduce(0, +) == 120)
      for reduction in [VectorRequest.Reduction.last, .mean] {
        #expect {
          try codes(16, VectorRequest(.users, reducedTo: reduction))
        } throws: { "\($0)".contains("leave out --vector \(reduction.rawValue)") }
      }
      #expect {
        try model(run).predict { _ in }
      } throws: { "\($0)".contains("'clseq embed' gives their codes") }
    }
  }

  @Test func drawsAreTheirOwnWhoeverElseIsDrawn() throws {
    let (folder, run) = try trained(Case(model: .vae))
    try withExtendedLifetime(folder) {
      func drawn(_ count: Int, seed: UInt64 = 4) throws -> [[String]] {
        let samples = try SequenceSamples(
          count, drawnBy: run, SamplingRule(seed: seed), on: { .reference() })
        #expect(samples.users == nil)
        return samples.sequences.map { sequence in
          #expect(sequence.share == nil && (1...8).contains(sequence.events.count))
          return sequence.events.map { event in
            #expect(event.values?.keys.sorted() == ["price"] && event.type != nil)
            return "\(event.item) \(event.type ?? "")"
          }
        }
      }
      let twenty = try drawn(20)
      #expect(twenty.count == 20 && Set(twenty).count > 10)
      #expect(try drawn(3) == Array(twenty[..<3]))
      #expect(try drawn(20, seed: 5) != twenty)
    }
  }

  @Test(arguments: [Case(model: .vae), Case(model: .autoencoder)])
  func aWalkGoesFromUserToUser(_ test: Case) throws {
    let (folder, run) = try trained(test)
    try withExtendedLifetime(folder) {
      let model = try model(run)
      func walk(_ from: String, _ to: String, _ steps: Int) throws -> SequenceSamples {
        try SequenceSamples(between: (from, to), stepCount: steps, by: model)
      }
      func items(_ samples: SequenceSamples) -> [[String]] {
        samples.sequences.map { $0.events.map(\.item) }
      }
      let there = try walk("u1", "u2", 5)
      #expect(there.users == ["u1", "u2"])
      #expect(there.sequences.map(\.share) == [0, 0.25, 0.5, 0.75, 1])
      #expect(items(try walk("u2", "u1", 5)) == items(there).reversed())
      #expect(items(try walk("u1", "u2", 2)) == [items(there)[0], items(there)[4]])
      #expect {
        try walk("u1", "nobody", 5)
      } throws: { "\($0)".contains("nobody") }
    }
  }

  @Test func whatHasNoCodesIsRefused() throws {
    let (folder, run) = try trained(Case(model: .autoencoder))
    withExtendedLifetime(folder) {
      _ = #expect {
        try SequenceSamples(3, drawnBy: run, SamplingRule(seed: 1), on: { .reference() })
      } throws: { "\($0)".contains("--model vae") }
    }
    let shop = try TrainedShop(.reference) { _, _ in }
    let layout = try RunLayout.existing(at: shop.folder.file("run"))
    let other = try TrainedRun(layout, settings: try layout.settings())
    #expect {
      try SequenceSamples(3, drawnBy: other, SamplingRule(seed: 1), on: { .reference() })
    } throws: { "\($0)".contains("--task reconstruct") }
    #expect {
      try TrainedModel(other, try other.loadDataset(), on: .reference())
        .vectorCount(VectorRequest(.users, reducedTo: .code))
    } throws: { "\($0)".contains("leave out --vector code") }
  }

  @Test(
    arguments: [
      ("model", "vae", "task", "next-item", "--task reconstruct"),
      ("model", "transformer", "task", "reconstruct", "--model autoencoder"),
      ("split_by", "leave-one-out", "task", "reconstruct", "--split-by user"),
      ("loss", "bpr", "task", "reconstruct", "bpr"),
      ("code_size", "200", "task", "reconstruct", "recurrent_sizes"),
    ])
  func settingsThatDoNotFitAreTold(
    _ key: String, _ text: String, _ other: String, _ value: String, _ expected: String
  ) throws {
    let layer = try SettingsLayer(origin: .commandLine, values: [(key, text), (other, value)])
    #expect {
      _ = try TrainingSettings(layers: [layer])
    } throws: { "\($0)".contains(expected) }
  }
}
