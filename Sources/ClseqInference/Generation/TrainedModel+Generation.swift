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
    try settings.requireGeneration(stepCount: request.stepCount)
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
  /// Of a generated event its item is known and, of a run that predicts types, its type, which is an input of the next
  /// step where types are one: other inputs that the model takes are hidden.
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
      request: request, types: typeHead, keepsStates: keepsStates,
      history: { [dataset] in Int(dataset.offsets[$0])..<Int(dataset.offsets[$0 + 1]) })
    let users = Array(0..<dataset.userCount)
    var done = 0
    while done < users.count {
      let batch = generator.batch(of: users[done...])
      for sequence in try generator.sequences(of: Array(batch)) { try body(sequence) }
      done += batch.count
      progress?(TaskProgress("generating", done: done, of: users.count))
    }
  }
}

extension TrainingSettings {
  /// Checks that a run with these settings can generate so many events of each user.
  ///
  /// - Throws: `SettingsError.doNotFit(_:)`.
  func requireGeneration(stepCount: Int) throws {
    guard ranksItems else {
      throw SettingsError.doNotFit(
        "the run was trained for the task \(task.rawValue), and ranks no items: leave --steps out"
      )
    }
    guard case .network(let kind) = model else {
      throw SettingsError.doNotFit(
        "\(model.rawValue) is a baseline, which says no more of the events after the next one: "
          + "leave --steps out")
    }
    guard !kind.fillsMasks else {
      throw SettingsError.doNotFit(
        "\(kind.name) fills masks in a whole sequence and gives no probability of one event after another: "
          + "--steps is for the other models of items")
    }
    let longest = self[.targetLength]
    guard !kind.writes || stepCount <= longest else {
      throw SettingsError.doNotFit(
        "the run has learned to write \(longest) events, and \(stepCount) are asked for: ask for at "
          + "most \(longest), or train with --target-length \(stepCount)")
    }
  }
}
