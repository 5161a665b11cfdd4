import ClseqData
import ClseqInference
import ClseqModels
import ClseqNN
import ClseqOps
import ClseqSettings
import ClseqShop
import ClseqTestSupport
import ClseqTraining
import Testing

/// A decoder that is given its own guesses.
@Suite struct ScheduledSamplingTests {
  private func trainer(
    _ share: Double, on backend: Backend, _ model: ModelKind = .seq2seq
  ) throws -> Trainer {
    var settings = TrainingSettings(task: .nextItem, model: .network(model))
    (settings.maxLength, settings.batchSize, settings.epochs) = (10, 8, 4)
    (settings[.hiddenSize], settings[.recurrentSizes]) = (16, [16])
    settings[.scheduledSampling] = share
    let shop = try ShopLog(users: 30, items: 40, eventsPerUser: 4...12, seed: 3)
    return try Trainer(settings, dataset: try shop.dataset(), on: backend)
  }

  /// Every chosen event is guessed by the state of the written event before it, and none outside training.
  @Test func theStateBeforeAnEventGuessesIt() throws {
    let backend = try TestBackend.reference.make()
    let trainer = try trainer(0.6, on: backend)
    let start = try #require(trainer.model.maskItem)
    let cut = trainer.settings.cuts(startingAt: start).hidden(
      trainer.batches(epoch: 0)[0], epoch: 3)
    let runner = ModelRunner(
      model: trainer.model, backend: backend, uploader: BatchUploader(backend),
      inputs: EncodedInputs(InputEncoding(), of: trainer.split.dataset),
      settings: trainer.settings, batchSize: .sequences(8))
    let guesses = try #require(try runner.upload(cut, isTraining: true).events.guesses)
    let (sources, choices) = (
      try backend.read(guesses.sources), try backend.read(guesses.choices)
    )
    let written = cut.sides(startingAt: start).written.rows
    #expect(sources.count == cut.isGuessed.count { $0 } && !sources.isEmpty)
    #expect(choices.filter { $0 >= 0 } == Array(0..<Int32(sources.count)))
    for (row, choice) in choices.enumerated() {
      #expect((choice >= 0) == cut.isGuessed[row])
      guard choice >= 0 else { continue }
      let source = Int(written[Int(sources[Int(choice)])])
      #expect(source == row - 1 && cut.sequences[source] == cut.sequences[row])
    }
    #expect(try runner.upload(cut, isTraining: false).events.guesses == nil)
  }

  /// The losses are other ones, and the same whenever they are computed.
  @Test(arguments: [.reference, .cpu8] as [TestBackend], [ModelKind.seq2seq, .lstmSeq2seq])
  func guessesChangeTheLosses(_ kind: TestBackend, _ model: ModelKind) throws {
    func losses(_ share: Double) throws -> [Float] {
      let backend = try kind.make()
      let trainer = try trainer(share, on: backend, model)
      return try trainer.batches(epoch: 0).flatMap {
        try backend.read(try trainer.step($0))
      }
    }
    let own = try losses(1)
    #expect(try losses(1) == own)
    #expect(try losses(0) != own)
    #expect(own.allSatisfy { $0.isFinite })
  }
}
