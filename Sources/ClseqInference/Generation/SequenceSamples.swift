public import ClseqBase
public import ClseqData
import ClseqModels
public import ClseqOps
import ClseqRuns
import ClseqSettings

/// Sequences that a model writes from codes: drawn from the prior of a variational one, or on the way between those of
/// two users.
public struct SequenceSamples: Encodable, Sendable {
  /// A written event.
  public struct Event: Encodable, Sendable {
    /// The id of its item.
    public let item: String
    /// What the item is called, where that is known.
    public let title: String?
    /// Its type; nil of a run that takes none.
    public let type: String?
    /// What is said of each feature of events, by name; nil of a run that takes none.
    public let values: [String: Double]?
  }

  /// A sequence.
  public struct Sequence: Encodable, Sendable {
    /// From 1.
    public let number: Int
    /// How far it is from the first user to the second, from 0 to 1; nil for a draw.
    public let share: Double?
    /// Its events, at least one.
    public let events: [Event]
  }

  /// The two users, of sequences between them.
  public let users: [String]?
  /// The sequences.
  public let sequences: [Sequence]

  /// Draws codes from N(0, 1) and writes sequences from them, whose items, types and ends are drawn too. No log is needed.
  ///
  /// Source: Bowman et al., "Generating sentences from a continuous space" (CoNLL 2016), section 4.
  ///
  /// - Parameters:
  ///   - count: Sequences, at least 1. The first ones are the same, however many are drawn.
  ///   - run: A run whose codes have a distribution.
  ///   - rule: How items are drawn.
  ///   - titles: The titles of items; nil for none.
  ///   - openBackend: Opens the device.
  /// - Throws: `SettingsError.doNotFit` for a run of another kind; as ``TrainedModel/init(_:dataset:moment:on:)``.
  public init(
    _ count: Int, drawnBy run: TrainedRun, _ rule: SamplingRule, titles: ItemTitles? = nil,
    on openBackend: () throws -> Backend
  ) throws {
    try Self.requireCodes(of: run)
    guard run.settings.hasDistribution else {
      throw SettingsError.doNotFit(
        "\(run.settings.model.rawValue) has no distribution of codes to draw from: train --model vae, or walk from one "
          + "user to another (--between ID,ID)")
    }
    // The data of a model that is asked about no user of it.
    let dataset = SequenceDataset(history: [1], types: nil, vocabulary: run.vocabulary)
    let model = try TrainedModel(run, dataset: dataset, moment: nil, on: try openBackend())
    users = nil
    let codes = (0..<count).flatMap {
      CodeDecoding.priorCode($0, width: model.vectorWidth, seed: rule.seed)
    }
    sequences = try Self.sequences(of: codes, by: model, .drawn(rule), titles) { _ in nil }
  }

  /// Writes the likeliest sequences on the straight line from the code of one user to that of another.
  ///
  /// - Parameters:
  ///   - users: The ids of both.
  ///   - stepCount: Sequences, the first from the code of the first user, the last from that of the second; at least 2.
  ///   - model: A run that compresses sequences, opened for the users' log.
  ///   - titles: The titles of items; nil for none.
  ///   - progress: Receives the progress.
  /// - Throws: `DataError.unknownToken` for a user that the log does not have; `SettingsError.doNotFit` for a run of
  ///   another kind; `OpenCLError`.
  public init(
    between users: (first: String, second: String), stepCount: Int, by model: TrainedModel,
    titles: ItemTitles? = nil, progress: ProgressHandler? = nil
  ) throws {
    try Self.requireCodes(of: model.run)
    let dataset = model.dataset
    let codes = try [users.first, users.second].map { user -> [Float] in
      guard let index = dataset.users.index(of: user).map(Int.init) else {
        throw DataError.unknownToken(
          path: dataset.source.name, token: user,
          expected: "a user with an event of an item that the model knows")
      }
      var code: [Float] = []
      try model.vectors(VectorRequest(.users), users: index..<index + 1, progress: progress) {
        code = Array($0.values)
      }
      return code
    }
    func share(_ step: Int) -> Double { Double(step) / Double(max(1, stepCount - 1)) }
    var line: [Float] = []
    for step in 0..<stepCount {
      let second = Float(share(step))
      for (from, to) in zip(codes[0], codes[1]) { line.append((1 - second) * from + second * to) }
    }
    self.users = [users.first, users.second]
    sequences = try Self.sequences(of: line, by: model, .likeliest, titles, share: share)
  }

  private static func sequences(
    of codes: [Float], by model: TrainedModel, _ choice: CodeDecoding.Choice,
    _ titles: ItemTitles?, share: (Int) -> Double?
  ) throws -> [Sequence] {
    let (run, inputs) = (model.run, model.run.description.inputs)
    guard let decoding = model.decoding(choice) else {
      preconditionFailure("SequenceSamples: the model compresses nothing")
    }
    return try decoding.sequences(of: codes).enumerated().map { number, events in
      Sequence(
        number: number + 1, share: share(number),
        events: events.map { event in
          Event(
            item: run.vocabulary[Int(event.item)], title: titles?[event.item],
            type: event.type.flatMap { inputs.types?[$0 - 1] },
            values: event.numbers.isEmpty
              ? nil
              : Dictionary(
                zip(inputs.features.map(\.request.name), event.numbers),
                uniquingKeysWith: { a, _ in a }))
        })
    }
  }

  /// - Throws: `SettingsError.doNotFit` for a run that compresses no sequences.
  private static func requireCodes(of run: TrainedRun) throws(SettingsError) {
    guard run.settings.writesSequences else {
      throw .doNotFit(
        "\(run.layout.path) was trained for the task \(run.settings.task.rawValue), and writes no sequences from codes: "
          + "train one with --task reconstruct")
    }
  }
}

extension TrainedModel {
  /// Writes sequences from codes; nil of a model that compresses none.
  fileprivate func decoding(_ choice: CodeDecoding.Choice) -> CodeDecoding? {
    guard let model = model as? any CompressingModel, let heads = reconstruction else { return nil }
    return CodeDecoding(
      model: model, heads: heads, inputs: run.description.inputs, backend: backend, choice: choice,
      longest: run.settings.maxLength)
  }
}
