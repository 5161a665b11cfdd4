import ClseqData
import ClseqInference
import ClseqModels
import ClseqNN
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqShop
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// A model of a program's own, with a loss beside that of the task.
@Suite(.serialized) struct AuxiliaryLossTests {
  /// The moments at which a model was trained.
  private final class Moments: @unchecked Sendable {
    var all: [TrainingMoment] = []
  }

  /// A transformer that is also to predict 1 from each state.
  private struct Penalised: SequenceModel {
    let base: any SequenceModel
    let head: Linear
    let weight: Float
    let moments: Moments
    var itemTable: Parameter { base.itemTable }
    var outputTable: Parameter? { base.outputTable }
    var itemCount: Int { base.itemCount }
    var stateWidth: Int { base.stateWidth }
    var auxiliaryLosses: [AuxiliaryLoss] { [AuxiliaryLoss("ones", weight: weight)] }

    func hiddenStates(of batch: EventBatch, only rows: EventRows?, on tape: Tape) throws -> Tensor {
      try base.hiddenStates(of: batch, only: rows, on: tape)
    }

    func trainingStates(
      of batch: EventBatch, at moment: TrainingMoment, only rows: EventRows?, on tape: Tape
    ) throws -> TrainingStates {
      moments.all.append(moment)
      let states = try base.hiddenStates(of: batch, only: nil, on: tape)
      let count = batch.eventCount
      let ones = try tape.backend.tensor([Float](repeating: 1, count: count), [count, 1])
      let loss = try tape.rowLoss(
        head(states, on: tape), kind: .squared(targets: ones),
        scale: weight / Float(moment.eventCount))
      return TrainingStates(try tape.rows(rows, of: states), losses: [loss])
    }
  }

  private func kind(weight: Float, _ moments: Moments = Moments()) -> ModelKind {
    ModelKind("penalised", settings: ModelKind.transformer.settings) { configuration, store in
      let base = try ModelKind.transformer.model(configuration, in: store)
      let head = Linear("penalty", inputs: base.stateWidth, outputs: 1, in: store)
      return Penalised(base: base, head: head, weight: weight, moments: moments)
    }
  }

  private func trainer(
    _ kind: ModelKind, on backend: TestBackend,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Trainer {
    var settings = TrainingSettings(task: .nextItem, model: .network(kind))
    (settings.maxLength, settings[.hiddenSize], settings.batchSize) = (8, 16, 16)
    (settings.epochs, settings.learningRate, settings[.dropout]) = (3, 0.01, 0)
    change(&settings)
    let dataset = try ShopLog(users: 40, items: 20, eventsPerUser: 4...9, seed: 2).dataset()
    return try Trainer(settings, dataset: dataset, on: backend.make())
  }

  private func epochs(_ trainer: Trainer) throws -> [EpochMetrics] {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(at: folder.file("run"))
    _ = try trainer.train(in: run, progress: ProgressReport(style: .silent))
    return try run.layout.epochs()
  }

  @Test(arguments: TestBackend.allCases)
  func itIsMinimisedAndLogged(_ backend: TestBackend) throws {
    let moments = Moments()
    let found = try epochs(trainer(kind(weight: 0.5, moments), on: backend))
    let values = found.compactMap { $0.auxiliaryLosses?["ones"] }
    #expect(values.count == 3 && values[2] < values[0] / 2, "\(values)")
    // The counting of memory runs the model too.
    #expect(Set(moments.all.map(\.step)) == Set(0..<9))
    #expect(Set(moments.all.map(\.epoch)) == [0, 1, 2])
    let plain = try epochs(trainer(.transformer, on: backend))
    #expect(plain.allSatisfy { $0.auxiliaryLosses == nil })
  }

  /// The loss of the first step is that of the task and the weighted one of the model.
  @Test(arguments: TestBackend.allCases)
  func weightsScaleIt(_ backend: TestBackend) throws {
    func firstLoss(_ weight: Float) throws -> Float {
      let trainer = try trainer(kind(weight: weight), on: backend)
      return try trainer.store.backend.read(trainer.step(trainer.batches(epoch: 0)[0]))[0]
    }
    let losses = try [Float(0.5), 1, 2].map(firstLoss)
    let (one, two) = (losses[1] - losses[0], losses[2] - losses[1])
    #expect(one > 0.1 && abs(two - 2 * one) < 4 * Tolerance.loss(losses[2]), "\(losses)")
  }
}
