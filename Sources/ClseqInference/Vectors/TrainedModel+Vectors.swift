import ClseqBase
import ClseqData
import ClseqModels
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

extension TrainedModel {
  /// D, the numbers of a vector.
  public var vectorWidth: Int { model.stateWidth }

  /// How many vectors a request gives.
  ///
  /// - Throws: `SettingsError.doNotFit` where the model has none of these; `DataError.unfit` for data without sessions, and
  ///   where no user has as many events as a window.
  public func vectorCount(_ request: VectorRequest) throws -> Int {
    try request.requireVectors(of: run, in: dataset)
    let count = (0..<dataset.userCount).reduce(0) {
      $0 + request.stretches(of: $1, in: dataset).count
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
    var runner = runner
    runner.progress = progress
    if request.reduction == .mean { (runner.mask, runner.summary) = (nil, nil) }
    let stretches = (users ?? 0..<dataset.userCount).lazy.flatMap { [dataset] user in
      request.stretches(of: user, in: dataset).enumerated().map { (user, $0.offset, $0.element) }
    }
    var rest = stretches.makeIterator()
    let length = runner.maximumLength
    let examples = stretches.map { user, _, events in
      let inputs = events.suffix(length)
      return Example(
        sequence: Int32(user), inputs: inputs,
        targets: request.reduction == .mean ? inputs : inputs.suffix(1))
    }
    let width = vectorWidth
    try runner.forEachBatch(of: examples, in: dataset, "embedding") { [runner] batch in
      let states = try runner.outputs(of: batch) { states, _ in states }
      let vectors = reduced(states, of: batch, request.reduction)
      // Inside a batch the longest sequence comes first. Stretches differ in their last events.
      let order = vectors.places.indices.sorted { vectors.places[$0] < vectors.places[$1] }
      for row in order {
        guard let (user, number, events) = rest.next() else { return }
        precondition(
          events.upperBound - 1 == vectors.places[row], "vectors: not in the order of the dataset")
        try body(
          StretchVector(
            user: user, number: number, events: events,
            values: vectors.values[row * width..<(row + 1) * width]))
      }
    }
  }

  /// A vector for each sequence of a batch, with the place of its last event.
  private func reduced(
    _ states: [Float], of batch: RaggedBatch, _ reduction: VectorRequest.Reduction
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
