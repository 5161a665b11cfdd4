import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps
import ClseqRuns
import ClseqSettings

/// A trained model on a device: its layers and heads, with the parameters of a run's best checkpoint.
struct LoadedModel {
  let model: any SequenceModel
  let heads: TaskHeads
  /// How large it is.
  let size: ModelSize
  /// The checkpoint's name.
  let checkpoint: String
  private let backend: Backend
  private let settings: TrainingSettings
  /// Owns the parameters.
  private let store: ParameterStore

  /// Builds the layers, reads the parameters once and checks them by the checkpoint's list. Nothing else
  /// of the checkpoint is needed. Of a run of adapters, the other parameters are those of its base.
  ///
  /// - Parameter checkpoint: The best one when nil.
  /// - Throws: `SettingsError` for a baseline; `RunDirectoryError`, `CheckpointError` and
  ///   `ParameterFileError` where the run is incomplete or damaged; `AdapterBaseError`; `OpenCLError.overBudget`.
  init(
    _ layout: RunLayout, _ settings: TrainingSettings, _ description: TaskDescription,
    _ configuration: ModelConfiguration, from checkpoint: Checkpoint? = nil, on backend: Backend
  ) throws {
    let store = ParameterStore(backend)
    let model = try settings.model(configuration, in: store)
    let checkpoint = try checkpoint ?? layout.verifiedBest(for: [ModelFile.parameters])
    heads = TaskHeads(settings, description, of: model, in: store)
    try store.allocateValues()
    var inherited: Set<String> = []
    if settings.hasAdapters {
      let base = try AdapterBase.found(of: layout, settings)
      let point = try StartingPoint(
        base.layout, base.checkpoint,
        for: .init(
          model, try layout.task(), try Vocabulary(contentsOf: layout.vocabularyPath), settings))
      inherited = try point.inherited(among: store.parameters)
      try point.load(into: store, only: inherited)
    }
    try ModelFile.readParameters(
      into: store, except: inherited, from: checkpoint.file(ModelFile.parameters))
    size = ModelSize(
      parameters: store.count, tableParameters: model.itemTable.count)
    (self.store, self.model, self.checkpoint) = (store, model, checkpoint.name)
    (self.backend, self.settings) = (backend, settings)
  }

  /// Opens the best model of a run. No dataset is needed, nor the log that it was trained on.
  ///
  /// - Parameters:
  ///   - userValues: Numbers of the attributes of users, `[users, width]`, which are constants of a model that
  ///     takes them; empty for others.
  ///   - checkpoint: The best one when nil.
  /// - Throws: As the initialiser with a configuration.
  init(
    _ run: TrainedRun, userValues: [Float] = [], from checkpoint: Checkpoint? = nil,
    on backend: Backend
  ) throws {
    let (vocabulary, inputs) = (run.vocabulary, run.description.inputs)
    let itemValues =
      try inputs.items.flatMap { items in
        items.width > 0
          ? try RunItems.inputs(of: run.layout, rowCount: vocabulary.rowCount, width: items.width)
          : nil
      } ?? []
    let configuration = try run.settings.configuration(
      inputs, itemCount: vocabulary.count, hasUnknownItem: vocabulary.hasUnknown,
      itemValues: itemValues, userValues: userValues)
    try self.init(
      run.layout, run.settings, run.description, configuration, from: checkpoint,
      on: backend)
  }

  /// The same on the reference, for the parameters alone.
  init(withoutUsers run: TrainedRun, from checkpoint: Checkpoint) throws {
    // A table of constants has at least one row.
    let noUser = [Float](repeating: 0, count: run.description.inputs.users?.width ?? 0)
    try self.init(
      run, userValues: noUser, from: checkpoint, on: .reference(memoryBudget: .max / 2))
  }

  /// The values of a parameter.
  ///
  /// - Throws: `OpenCLError` where the device fails.
  func values(of parameter: Parameter) throws -> [Float] { try backend.read(parameter.value) }

  /// An array of a file of parameters.
  struct NamedArray {
    let name: String
    let shape: [Int]
    let values: [Float]
  }

  /// Maps that have an adapter.
  var adapterCount: Int {
    store.parameters.count { LowRankAdapter.isPart($0.name) } / 2
  }

  /// The parameters of the same model without adapters: their products are added to the weights.
  ///
  /// - Throws: `OpenCLError` where the device fails.
  func mergedArrays() throws -> [NamedArray] {
    let flat = try backend.read(store.values)
    let entries = ModelFile.entries(of: store)
    let adapters = Dictionary(
      uniqueKeysWithValues: entries.filter { LowRankAdapter.isPart($0.name) }.map { ($0.name, $0) })
    return entries.filter { adapters[$0.name] == nil }.map { entry in
      let values = Array(flat[entry.range])
      let (down, up) = LowRankAdapter.names(forWeight: entry.name)
      guard let scale = settings.adaptation?.scale, let down = adapters[down],
        let up = adapters[up]
      else { return NamedArray(name: entry.name, shape: entry.shape, values: values) }
      return NamedArray(
        name: entry.name, shape: entry.shape,
        values: LowRankAdapter.merged(
          values, down: Array(flat[down.range]), up: Array(flat[up.range]),
          rank: down.shape[0], scale: scale))
    }
  }

  /// Brings batches with these inputs to the model.
  func runner(_ inputs: EncodedInputs) -> ModelRunner {
    ModelRunner(
      model: model, backend: backend, uploader: BatchUploader(backend), inputs: inputs,
      settings: settings, batchSize: settings.batchSizing)
  }
}
