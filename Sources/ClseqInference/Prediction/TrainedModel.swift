public import ClseqBase
public import ClseqData
import ClseqModels
import ClseqNN
public import ClseqOps
import ClseqRuns
import ClseqSettings

/// The best model of a run, opened for a dataset that it need never have met.
///
/// ```swift
/// let layout = try RunLayout.existing(at: "runs/shop")
/// var settings = try layout.settings()
/// settings.data = "today.csv"
/// let run = try TrainedRun(layout, settings: settings)
/// let model = try TrainedModel(run, try run.loadDataset(), on: try settings.openBackend())
/// try model.predict { row in print(row.user, row.items) }
/// ```
///
/// What a user gets depends on the user's events and on nothing else of the data; of a model of users,
/// which knows how old events are, also on the moment of the question.
public final class TrainedModel {
  /// The run.
  public let run: TrainedRun
  /// The users and events to predict for.
  public let dataset: SequenceDataset
  /// Where the model runs.
  public let backend: Backend
  /// Corrects probabilities of a yes; nil to give them as the model does.
  public var calibration: RunCalibration?
  /// Whether generation goes on from what was computed of earlier events, where the model can; else every step
  /// computes all of them anew.
  package var keepsStates = true
  private let loaded: LoadedModel
  let runner: ModelRunner
  var model: any SequenceModel { loaded.model }
  /// What is said of written events; nil of a run that does not write sequences back.
  var reconstruction: ReconstructionHeads? { loaded.heads.reconstruction }
  /// Predicts the types of next events; nil of a run that predicts none.
  var typeHead: TypeHead? { TypeHead(loaded.heads.targets, run.description) }

  /// Builds the model for what
  /// ``TrainedRun/loadDataset(at:omittingLast:allowsMissingColumns:withTruth:keepsUnknown:progress:)`` gives.
  ///
  /// - Throws: As ``init(_:dataset:moment:on:)``.
  public convenience init(_ run: TrainedRun, _ data: NewData, on backend: Backend) throws {
    try self.init(run, dataset: data.dataset, moment: data.moment, on: backend)
  }

  /// Builds the model and reads the best checkpoint.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - dataset: Under the run's vocabulary.
  ///   - moment: From when the age of events counts, in microseconds since 1970, for models of users;
  ///     nil for the end of the run's own log.
  ///   - backend: The backend of the device.
  /// - Throws: `SettingsError` for a baseline, see ``BaselineModel``, and where a moment is needed and the run kept none, `RunDirectoryError`, `CheckpointError` and `ParameterFileError` where
  /// the run is
  ///   incomplete or damaged, `OpenCLError.overBudget`.
  public init(
    _ run: TrainedRun, dataset: SequenceDataset, moment: Int64? = nil, on backend: Backend
  ) throws {
    guard case .network = run.settings.model else {
      throw SettingsError.doNotFit(
        "\(run.layout.path) is the baseline \(run.settings.model.rawValue), which counts and has no "
          + "model: it predicts and recommends, and explains nothing")
    }
    precondition(
      dataset.vocabulary == run.vocabulary, "TrainedModel: the dataset has other items than the run"
    )
    self.run = run
    self.dataset = dataset
    self.backend = backend
    let hasAges = run.description.inputs.hasAges
    let inputs = EncodedInputs(
      run.description.inputs, of: dataset,
      moment: hasAges ? try run.requiredMoment(moment) : nil,
      writesTypes: run.settings.writesTypes)
    loaded = try LoadedModel(run, userValues: inputs.userValues, on: backend)
    runner = loaded.runner(inputs)
  }

  /// What the model says of each user after the last event, or of each event where it was trained to
  /// predict outcomes of events; in the order of the dataset.
  ///
  /// - Parameters:
  ///   - request: Which items are ranked, by a model that ranks any.
  ///   - body: Takes one row after another.
  ///   - progress: Receives the progress.
  /// - Throws: What `body` throws; `DataError.unfit` where the request leaves no item; `OpenCLError`.
  public func predict(
    _ request: RankingRequest = RankingRequest(), progress: ProgressHandler? = nil,
    _ body: (PredictedRow) throws -> Void
  ) throws {
    try predict(
      users: 0..<dataset.userCount, lastOnly: !run.answersForEvents, request, progress: progress,
      body)
  }

  /// The same of some users, and perhaps of nothing but the last event.
  func predict(
    users: Range<Int>, lastOnly: Bool, _ request: RankingRequest,
    progress: ProgressHandler? = nil, _ body: (PredictedRow) throws -> Void
  ) throws {
    guard !run.settings.writesSequences else {
      throw SettingsError.doNotFit(
        "\(run.layout.path) compresses sequences and predicts nothing: 'clseq embed' gives their codes, and 'clseq "
          + "sample' writes sequences")
    }
    guard run.ranksItems || !run.description.heads.isEmpty else {
      throw SettingsError.doNotFit(
        "\(run.layout.path) compares users and predicts nothing: 'clseq embed' gives its vectors, and 'clseq finetune' "
          + "takes it further to a task")
    }
    var runner = runner
    runner.progress = progress
    let ranking = try run.ranksItems ? ranking(request) : nil
    let examples = users.lazy.flatMap(lastOnly ? lastEventWindow : eventWindows)
    try runner.forEachBatch(of: examples, in: dataset, "predicting") { batch in
      let rows = try rows(of: batch, ranking)
      // Inside a batch the longest sequence comes first.
      for row in rows.sorted(by: { $0.place < $1.place }) { try body(row) }
    }
  }

  /// The ranking of items of a request.
  func ranking(_ request: RankingRequest) throws -> ItemRanking {
    guard let table = model.outputTable else {
      preconditionFailure("TrainedModel: the model ranks no items")
    }
    return try ItemRanking(
      request, seen: request.seen ?? run.seen, table: table, catalogueSize: model.itemCount,
      on: backend)
  }

  private func rows(of batch: RaggedBatch, _ ranking: ItemRanking?) throws -> [PredictedRow] {
    let users = batch.targetRows.map { batch.sequences[Int($0)] }
    var plan = UploadPlan()
    let targets = plan.integers(batch.targetRows)
    let exclusions = ranking?.exclusions(of: users, in: dataset, in: &plan)
    let (events, arrays) = try runner.upload(batch, isTraining: false, with: plan)
    let tape = Tape(backend, mode: .inference)
    let states = try model.hiddenStates(of: events, only: EventRows(arrays[targets]), on: tape)
    let items = try exclusions.flatMap { offsets, rows in
      try ranking?.top(states, excluding: UserRows(offsets: arrays[offsets], rows: arrays[rows]))
    }
    let outputs = try loaded.heads.targets.map { try backend.read(try $0(states, on: tape)) }
    try runner.uploader.release()
    return batch.targetRows.enumerated().map { row, event in
      PredictedRow(
        user: Int(users[row]), place: batch.places[Int(event)], items: items?[row] ?? [],
        heads: zip(run.description.heads, outputs).map { head, values in
          let count = head.goal.outputCount
          return Prediction(
            head.goal, Array(values[row * count..<(row + 1) * count]), calibration: calibration)
        })
    }
  }
}

extension TrainedModel {
  private func places(of user: Int) -> Range<Int> {
    Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
  }

  /// A user, with the prediction after the last event.
  private func lastEventWindow(of user: Int) -> TargetWindows {
    windows(of: user) { $0.suffix(1) }
  }

  /// Every event of a user, predicted once.
  private func eventWindows(of user: Int) -> TargetWindows { windows(of: user) { $0 } }

  private func windows(of user: Int, _ targets: (Range<Int>) -> Range<Int>) -> TargetWindows {
    let places = places(of: user)
    return TargetWindows(
      targets(places), from: places.lowerBound, sequence: Int32(user),
      maximumLength: runner.maximumLength, reach: model.reach, sharing: runner.sharing)
  }

  /// The weight that a user's last event gives to each event that the model sees, a number for each
  /// head; nil of a model that has no attention of that kind.
  ///
  /// - Parameter user: From 0.
  func attention(of user: Int) throws -> [[Float]]? {
    // A summary is no event whose attention is meant.
    guard let attending = model as? any AttendingModel, runner.summary == nil else { return nil }
    let batch = RaggedBatch(
      Array(lastEventWindow(of: user)), of: dataset, endingWith: runner.mask)
    let (events, _) = try runner.upload(batch, isTraining: false)
    let tape = Tape(backend, mode: .inference)
    guard let weights = try attending.attentionWeights(of: events, on: tape).last else {
      return nil
    }
    let (values, count) = (try backend.read(weights), weights.shape[1])
    try runner.uploader.release()
    // A mask is no event of the user.
    let eventCount = batch.eventCount - (runner.mask == nil ? 0 : 1)
    return (0..<eventCount).map { Array(values[$0 * count..<($0 + 1) * count]) }
  }
}
