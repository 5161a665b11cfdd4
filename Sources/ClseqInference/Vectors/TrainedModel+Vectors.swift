import ClseqBase
import ClseqData
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings

/// The vector of a user, or of a stretch of a user's events.
public struct StretchVector {
  /// The user, from 0 in the dataset.
  public let user: Int
  /// The number of the stretch among those of the user, from 0.
  public let number: Int
  /// The places of its events among those of the dataset. A model sees the last of them, as many as it takes.
  public let events: Range<Int>
  /// `[D]`.
  public let values: ArraySlice<Float>
}

/// A stretch of a user's events.
struct Stretch {
  /// From 0 in the dataset.
  let user: Int
  /// Among those of the user, from 0.
  let number: Int
  /// Places among the events of the dataset.
  let events: Range<Int>
}

extension TrainedModel {
  /// D, the numbers of a vector.
  public var vectorWidth: Int {
    (model as? any CompressingModel)?.codeWidth ?? model.stateWidth
  }

  /// How many vectors a request gives.
  ///
  /// - Throws: `SettingsError.doNotFit` where the model has none of these; `DataError.unfit` for data without sessions, and
  ///   where no user has as many events as a window.
  public func vectorCount(_ request: VectorRequest) throws -> Int {
    try request.requireVectors(of: run, in: dataset)
    let count = (0..<dataset.userCount).reduce(0) {
      $0 + request.subject.stretches(of: $1, in: dataset).count
    }
    guard count > 0 else {
      throw DataError.unfit(
        path: dataset.source.name, what: "no user has as many events as a window",
        expected: "shorter windows (--window)")
    }
    return count
  }

  /// Vectors of users or of stretches of their events, in the order of the dataset. Each depends on its own events
  /// alone. No more than a batch of them is in memory.
  ///
  /// - Parameters:
  ///   - request: What vectors stand for.
  ///   - users: The users, from 0; all when nil.
  ///   - progress: Receives the progress.
  ///   - body: Takes one after another.
  /// - Throws: As ``vectorCount(_:)``; what `body` throws; `OpenCLError`.
  public func vectors(
    _ request: VectorRequest, users: Range<Int>? = nil, progress: ProgressHandler? = nil,
    _ body: (StretchVector) throws -> Void
  ) throws {
    try request.requireVectors(of: run, in: dataset)
    let stretches = (users ?? 0..<dataset.userCount).lazy.flatMap { [dataset] user in
      request.subject.stretches(of: user, in: dataset).enumerated().map {
        Stretch(user: user, number: $0.offset, events: $0.element)
      }
    }
    try vectors(of: stretches, reducedTo: request.reduction, progress: progress, body)
  }

  /// The vectors of stretches in the order of the dataset, each of one event at least.
  ///
  /// - Parameter stretches: Gone through several times.
  func vectors(
    of stretches: some Sequence<Stretch>, reducedTo reduction: VectorRequest.Reduction?,
    progress: ProgressHandler?, _ body: (StretchVector) throws -> Void
  ) throws {
    var runner = runner
    runner.progress = progress
    if reduction == .mean { (runner.mask, runner.summary) = (nil, nil) }
    var rest = stretches.makeIterator()
    let length = runner.maximumLength
    let examples = stretches.lazy.map { stretch in
      let inputs = stretch.events.suffix(length)
      return Example(
        sequence: Int32(stretch.user), inputs: inputs,
        targets: reduction == .mean ? inputs : inputs.suffix(1))
    }
    let width = vectorWidth
    try runner.forEachBatch(of: examples, in: dataset, "embedding") { [runner] batch in
      let vectors =
        if let model = runner.model as? any CompressingModel {
          try codes(of: batch, by: model, runner)
        } else {
          reduced(try runner.outputs(of: batch) { states, _ in states }, of: batch, reduction)
        }
      // Inside a batch the longest sequence comes first. A later stretch ends later or, where only events that are
      // left out are between, is shorter.
      let order = vectors.places.indices.sorted {
        (vectors.places[$0], $0) < (vectors.places[$1], $1)
      }
      for row in order {
        guard let stretch = rest.next() else { return }
        precondition(
          stretch.events.upperBound - 1 == vectors.places[row],
          "vectors: not in the order of the dataset")
        try body(
          StretchVector(
            user: stretch.user, number: stretch.number, events: stretch.events,
            values: vectors.values[row * width..<(row + 1) * width]))
      }
    }
  }

  /// The code of each sequence of a batch, with the place of its last event.
  private func codes(
    of batch: RaggedBatch, by model: any CompressingModel, _ runner: ModelRunner
  ) throws -> (values: [Float], places: [Int]) {
    let (events, _) = try runner.upload(batch, isTraining: false)
    let tape = Tape(runner.backend, mode: .inference)
    let values = try runner.backend.read(try model.codes(of: events, on: tape).means)
    try runner.uploader.release()
    return (values, batch.offsets.dropFirst().map { batch.places[Int($0) - 1] })
  }

  /// A vector for each sequence of a batch, with the place of its last event.
  private func reduced(
    _ states: [Float], of batch: RaggedBatch, _ reduction: VectorRequest.Reduction?
  ) -> (values: [Float], places: [Int]) {
    guard reduction == .mean else {
      return (states, batch.targetRows.map { batch.places[Int($0)] })
    }
    let width = vectorWidth
    var (values, places): ([Float], [Int]) = ([], [])
    for (start, end) in zip(batch.offsets, batch.offsets.dropFirst()) {
      var sums = [Double](repeating: 0, count: width)
      for row in Int(start)..<Int(end) {
        for column in 0..<width { sums[column] += Double(states[row * width + column]) }
      }
      values += sums.map { Float($0 / Double(end - start)) }
      places.append(batch.places[Int(end) - 1])
    }
    return (values, places)
  }
}

extension TrainedRun {
  /// The vectors of the items, `[V, width]` row by row: those whose products with a state are the items' scores or, of a
  /// model that ranks none, those that it takes as inputs.
  ///
  /// - Throws: `SettingsError` for a baseline; `RunDirectoryError`, `CheckpointError` and `ParameterFileError` where the
  ///   run is incomplete or damaged.
  public func itemVectors() throws -> (values: [Float], width: Int) {
    guard case .network = settings.model else {
      throw SettingsError.doNotFit(
        "\(layout.path) is the baseline \(settings.model.rawValue), which has no vectors: they come from a model that "
          + "is trained")
    }
    let loaded = try LoadedModel(
      withoutUsers: self, from: try layout.verifiedBest(for: [ModelFile.parameters]))
    let table = loaded.model.outputTable ?? loaded.model.itemTable
    let width = table.shape[1]
    let values = try loaded.values(of: table)
    return (Array(values[width..<(1 + loaded.model.itemCount) * width]), width)
  }
}
