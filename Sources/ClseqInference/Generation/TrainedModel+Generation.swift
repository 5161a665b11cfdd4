public import ClseqBase
import ClseqData
import ClseqModels
import ClseqSettings

extension TrainedRun {
  /// Checks, before any data is read, that the run's model can generate what is requested.
  ///
  /// - Throws: `SettingsError.doNotFit(_:)` for a baseline, a model that ranks no items or fills masks, for more
  ///   events than a model has learned to write, and for more sequences in a search than items that may be chosen; `DataError.unfit` where none may be.
  public func requireGeneration(_ request: GenerationRequest) throws {
    guard ranksItems else {
      throw SettingsError.doNotFit(
        "the run was trained for the task \(settings.task.rawValue), and ranks no items: leave --steps out"
      )
    }
    guard case .network(let kind) = settings.model else {
      throw SettingsError.doNotFit(
        "\(settings.model.rawValue) is a baseline, which says no more of the events after the next one: "
          + "leave --steps out")
    }
    guard !kind.fillsMasks else {
      throw SettingsError.doNotFit(
        "\(kind.name) fills masks in a whole sequence and gives no probability of one event after another: "
          + "--steps is for the other models of items")
    }
    let longest = settings[.targetLength]
    guard !kind.writes || request.stepCount <= longest else {
      throw SettingsError.doNotFit(
        "the run has learned to write \(longest) events, and \(request.stepCount) are asked for: ask for at "
          + "most \(longest), or train with --target-length \(request.stepCount)")
    }
    let chosen = vocabulary.count - request.candidateCountLess(than: vocabulary.count)
    guard chosen > 0 else {
      throw DataError.unfit(
        path: "items to choose from", what: "none is left", expected: "an item that is allowed")
    }
    guard request.beamWidth <= chosen else {
      throw SettingsError.doNotFit(
        "beams is \(request.beamWidth), and there are \(chosen) items that may be chosen: at most as many"
      )
    }
  }
}

extension GenerationRequest {
  /// How many of V items may not be chosen.
  fileprivate func candidateCountLess(than itemCount: Int) -> Int {
    guard let allowed else { return denied.count }
    return itemCount - allowed.subtracting(denied).count
  }
}

extension TrainedModel {
  /// The next events of each user after the last one, in the order of the dataset.
  ///
  /// Of a generated event nothing but its item is known: other inputs that the model takes are hidden.
  ///
  /// - Parameters:
  ///   - request: How many events, and how they are chosen. ``TrainedRun/requireGeneration(_:)`` has passed it.
  ///   - progress: Receives the progress.
  ///   - body: Takes one sequence after another.
  /// - Throws: What `body` and ``TrainedRun/requireGeneration(_:)`` throw; `OpenCLError`.
  public func generate(
    _ request: GenerationRequest, progress: ProgressHandler? = nil,
    _ body: (GeneratedSequence) throws -> Void
  ) throws {
    try run.requireGeneration(request)
    let generator = SequenceGenerator(
      model: model, dataset: dataset, runner: runner, ranking: try ranking(request.candidates),
      request: request, keepsStates: keepsStates)
    var user = 0
    while user < dataset.userCount {
      let users = generationBatch(from: user, request)
      for sequence in try generator.sequences(of: Array(users)) { try body(sequence) }
      user = users.upperBound
      progress?(TaskProgress("generating", done: user, of: dataset.userCount))
    }
  }

  /// The users from one on whose sequences fit a batch, at least one.
  private func generationBatch(from first: Int, _ request: GenerationRequest) -> Range<Int> {
    func eventCount(_ user: Int) -> Int {
      let (count, steps) = (dataset[user].count, request.stepCount)
      let length =
        model.writes
        ? min(count, runner.maximumLength) + steps
        : min(count + steps - 1, runner.maximumLength)
      return request.beamWidth * length
    }
    switch runner.batchSize {
    case .sequences(let limit):
      return first..<min(dataset.userCount, first + max(1, limit / request.beamWidth))
    case .events(let limit):
      var (end, sum) = (first + 1, eventCount(first))
      while end < dataset.userCount, sum + eventCount(end) <= limit {
        sum += eventCount(end)
        end += 1
      }
      return first..<end
    }
  }
}
