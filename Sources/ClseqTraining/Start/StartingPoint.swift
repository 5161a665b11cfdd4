import ClseqData
import ClseqInference
import ClseqModels
import ClseqNN
import ClseqOps
import ClseqRuns
import ClseqSettings

/// The parameters of a run that another one starts from.
///
/// Rows and columns that stand for something named are matched by the name: items by their ids, event types
/// and features by their names. Everything else must have the same shape.
struct StartingPoint {
  private let run: TrainedRun
  private let checkpoint: Checkpoint
  /// Whether the new run goes on, with the optimiser's moments, on a log that extends the run's.
  private let isContinued: Bool
  /// What the new run's item table has that the old one's may have too.
  private let items: ItemRows

  /// Where a value of the new run's comes from.
  private enum Source {
    /// The same place.
    case same
    /// Row by row: rows of the old array; nil for the mean of those of its items.
    case rows([Int?])
    /// Column by column; nil for a column that stays random.
    case columns([Int?])
    /// It stays random.
    case random
  }

  /// - Throws: `RunDirectoryError`, `CheckpointError` and `DataError` where the run is incomplete or damaged.
  init(_ path: String, vocabulary: Vocabulary, hasMask: Bool, isContinued: Bool) throws {
    self.isContinued = isContinued
    let layout = try RunLayout.existing(at: path)
    run = try TrainedRun(layout, settings: try layout.settings())
    guard case .network = run.settings.model else {
      throw SettingsError.doNotFit(
        "\(path) is the baseline \(run.settings.model.rawValue), which has no parameters to start from"
      )
    }
    checkpoint = try layout.verifiedBest(
      for: isContinued ? [ModelFile.parameters, ModelFile.optimizer] : [ModelFile.parameters])
    items = ItemRows(vocabulary, in: run.vocabulary, hasMask: hasMask)
  }

  /// Checks that a dataset extends the log that the run was trained on.
  ///
  /// - Throws: `DataError.unfit` for another log.
  func requireExtended(by dataset: SequenceDataset) throws {
    guard let extent = dataset.source.reading?.extends else { return }
    let (saved, now) = (
      try run.layout.passport().dataHash, DataSource.hash(ofLogs: extent.earlier.map(\.hash))
    )
    guard saved != now else { return }
    throw DataError.unfit(
      path: extent.earlier.map(\.name).joined(separator: ", "),
      what: "it has changed since \(run.layout.path) was trained on it: its hash is \(now)",
      expected: "\(saved); --extends names where the old log is, and --start-from takes the run's "
        + "parameters on any log")
  }

  /// The runs that a new one comes from, for its passport: this one, and those before it.
  ///
  /// - Throws: `FileError`, `DataError`.
  func lineage() throws -> [String] {
    let passport = try run.layout.passport()
    let own =
      "\(run.layout.path) (\(passport.model), \(passport.task), \(checkpoint.name), "
      + "\(passport.eventsHash ?? passport.dataHash))"
    return [own] + (passport.startedFrom ?? [])
  }

  /// Writes the parameters into a new run's model.
  ///
  /// - Throws: `SettingsError.doNotFit` for a model of another shape, `ParameterFileError`, `OpenCLError`.
  func load(into store: ParameterStore, of job: TrainingJob, _ settings: TrainingSettings) throws
    -> StartReport
  {
    guard run.settings.model == settings.model else {
      throw SettingsError.doNotFit(
        "\(run.layout.path) is a \(run.settings.model.rawValue): a \(settings.model.rawValue) cannot "
          + "start from it")
    }
    let file = try ParameterFile(
      readingFrom: checkpoint.file(ModelFile.parameters))
    let takesMoments = isContinued && run.settings.optimizer == settings.optimizer
    var values = try store.backend.read(store.values)
    var sources: [(entry: ModelFile.Entry, shape: [Int], source: Source)] = []
    var (taken, new): ([String], [String]) = ([], [])
    for entry in ModelFile.entries(of: store) {
      guard let old = file.entry(entry.name) else {
        new.append(entry.name)
        continue
      }
      let source = try source(of: entry, in: old.shape, job)
      if case .random = source {
        new.append(entry.name)
        continue
      }
      let given = try file.floats(entry.name, shape: old.shape)
      taken.append(entry.name)
      values.replaceSubrange(
        entry.range,
        with: combined(given, old.shape, Array(values[entry.range]), entry.shape, source))
      sources.append((entry, old.shape, source))
    }
    try store.backend.write(values, to: store.values)
    if takesMoments { try loadMoments(sources, into: store) }
    return StartReport(
      run: run.layout.path, checkpoint: checkpoint.name, itemCount: job.model.itemCount,
      knownItemCount: items.knownCount, taken: taken, new: new,
      steps: takesMoments ? TrainingState(in: checkpoint).map { $0.earlierSteps + $0.step } : nil,
      frozen: store.parameters.filter { !$0.isTrained }.map(\.name).filter(new.contains))
  }

  /// Writes the optimiser's moments where those of a parameter are there.
  private func loadMoments(
    _ sources: [(entry: ModelFile.Entry, shape: [Int], source: Source)],
    into store: ParameterStore
  ) throws {
    let file = try ParameterFile(readingFrom: checkpoint.file(ModelFile.optimizer))
    let targets = [store.firstMoments, store.secondMoments]
    for (prefix, target) in zip(ModelFile.momentPrefixes, targets) {
      var moments = try store.backend.read(target)
      for (entry, shape, source) in sources
      // Frozen parameters have none.
      where file.entry(prefix + entry.name)?.shape == shape
        && entry.range.upperBound <= moments.count
      {
        let given = try file.floats(prefix + entry.name, shape: shape)
        moments.replaceSubrange(
          entry.range,
          with: combined(
            given, shape, Array(moments[entry.range]), entry.shape, source, isMoment: true))
      }
      try store.backend.write(moments, to: target)
    }
  }

  private func source(
    of entry: ModelFile.Entry, in shape: [Int], _ job: TrainingJob
  ) throws -> Source {
    let (new, old) = (job.description.inputs, run.description.inputs)
    switch entry.name {
    case job.model.itemTable.name, job.model.outputTable?.name:
      return entry.shape[1] == shape[1] ? .rows(items.rows) : try misfit(entry, shape)
    case "positions.weight":
      // Positions count from the oldest event that is seen; those beyond the run's stay random.
      guard entry.shape[1] == shape[1] else { return try misfit(entry, shape) }
      return .same
    case "event_types.weight":
      guard new.labelBounds == old.labelBounds, let types = new.types else { return .random }
      let known = old.types ?? []
      let perType = entry.shape[0] / (types.count + 1)
      let rows = [0] + types.map { type in known.firstIndex(of: type).map { $0 + 1 } ?? -1 }
      return .rows(
        rows.flatMap { row in (0..<perType).map { row < 0 ? $0 : row * perType + $0 } })
    case "numbers.weight":
      let known = old.features.map(\.request.name) + (old.hasAges ? [""] : [])
      let wanted = new.features.map(\.request.name) + (new.hasAges ? [""] : [])
      return .columns(wanted.map(known.firstIndex))
    case "item_attributes.weight": return new.items == old.items ? .same : .random
    case "attributes.weight", "attributes.bias":
      return job.description.itemTargets == run.description.itemTargets ? .same : .random
    case "user_attributes.weight": return new.users == old.users ? .same : .random
    default:
      if let head = job.description.heads.first(where: { entry.name.hasPrefix($0.name + ".") }) {
        return run.description.heads.contains(head) ? .same : .random
      }
      return entry.shape == shape ? .same : try misfit(entry, shape)
    }
  }

  private func misfit(_ entry: ModelFile.Entry, _ shape: [Int]) throws(SettingsError) -> Source {
    throw .doNotFit(
      "\(entry.name) is \(shape) in \(run.layout.path) and \(entry.shape) here: leave out the settings of "
        + "the model, which are then those of the run")
  }

  /// The values of a parameter: those of the run where there are any.
  private func combined(
    _ old: [Float], _ oldShape: [Int], _ random: [Float], _ shape: [Int], _ source: Source,
    isMoment: Bool = false
  ) -> [Float] {
    switch source {
    case .random: return random
    case .same: return Array(old.prefix(random.count)) + random.dropFirst(old.count)
    case .rows(let rows):
      let width = shape[1]
      // New rows start with moments of 0.
      let mean =
        isMoment
        ? [Float](repeating: 0, count: width)
        : rows.contains(nil) ? items.mean(of: old, width: width) : []
      return rows.flatMap { row in row.map { old[$0 * width..<($0 + 1) * width] } ?? mean[...] }
    case .columns(let columns):
      var values = random
      for (column, place) in columns.enumerated() {
        guard let place else { continue }
        for row in 0..<shape[0] {
          values[row * shape[1] + column] = old[row * oldShape[1] + place]
        }
      }
      return values
    }
  }
}
