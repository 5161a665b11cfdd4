package import ClseqData
package import ClseqModels
import ClseqNN
package import ClseqOps
package import ClseqRuns
package import ClseqSettings

/// The parameters of a run that another one starts from.
///
/// Rows and columns that stand for something named are matched by the name: items by their ids, event types
/// and features by their names. Everything else must have the same shape.
package struct StartingPoint {
  /// The model that takes the parameters, and what its rows and columns stand for.
  package struct Target {
    let model: any SequenceModel
    let description: TaskDescription
    let vocabulary: Vocabulary
    let settings: TrainingSettings

    package init(
      _ model: any SequenceModel, _ description: TaskDescription, _ vocabulary: Vocabulary,
      _ settings: TrainingSettings
    ) {
      (self.model, self.description) = (model, description)
      (self.vocabulary, self.settings) = (vocabulary, settings)
    }
  }

  /// What was taken.
  package struct Taken {
    /// Parameters that begin with values of the run, some of their rows perhaps with others.
    package var taken: [String] = []
    /// Parameters that begin with random values.
    package var new: [String] = []
    fileprivate var sources: [(entry: ModelFile.Entry, shape: [Int], source: Source)] = []
  }

  package let run: TrainedRun
  package let checkpoint: Checkpoint
  private let values: RunParameters
  private let target: Target
  /// What the new run's item table has that the old one's may have too.
  private let items: ItemRows
  /// What a pruned model keeps; nil where all stays.
  package let pruned: PrunedShape?
  private let pruning: Pruning?

  /// Items of the new run that the run knows.
  package var knownItemCount: Int { items.knownCount }

  /// Where a value of the new run's comes from.
  fileprivate enum Source {
    /// The same place.
    case same
    /// Row by row: rows of the old array; nil for the mean of those of its items. Some may stand for what the
    /// run does not know.
    case rows([Int?], areKnown: Bool)
    /// Column by column; nil for a column that stays random.
    case columns([Int?])
    /// Some rows and columns.
    case part(Pruning.Kept)
    /// It stays random.
    case random
  }

  /// Opens the best checkpoint of a run, or the one of its checkpoints that is given.
  ///
  /// - Throws: `RunDirectoryError`, `CheckpointError` and `DataError` where the run is incomplete or damaged,
  ///   `AdapterBaseError` where its weights are those of a run that is gone; `SettingsError.doNotFit` for a
  ///   run of another model.
  package init(
    _ layout: RunLayout, _ checkpoint: Checkpoint? = nil, for target: Target,
    takesMoments: Bool = false
  ) throws {
    run = try TrainedRun(layout, settings: try layout.settings())
    let path = layout.path
    guard case .network = run.settings.model else {
      throw SettingsError.doNotFit(
        "\(path) is the baseline \(run.settings.model.rawValue), which has no parameters to start from"
      )
    }
    guard run.settings.model == target.settings.model else {
      let model = target.settings.model.rawValue
      throw SettingsError.doNotFit(
        "\(path) is a \(run.settings.model.rawValue): a \(model) cannot start from it")
    }
    let needed = [ModelFile.parameters] + (takesMoments ? [ModelFile.optimizer] : [])
    self.checkpoint = try checkpoint ?? layout.verifiedBest(for: Set(needed))
    values = try RunParameters(run, self.checkpoint)
    items = ItemRows(
      target.vocabulary, in: run.vocabulary, hasMask: target.model.maskItem != nil,
      summaries: (target.settings.hasSummary, run.settings.hasSummary))
    pruned = try target.settings.shape(prunedFrom: run.settings, at: path)
    pruning = try pruned.map { [values] shape in try Pruning(shape, of: values) }
    self.target = target
  }

  /// Those parameters whose values the run gives in full, and which adapters leave as they are: not those of
  /// heads, nor those of which a part is new, such as a table with an item that the run never met.
  ///
  /// - Throws: `SettingsError.doNotFit` for a model of another shape.
  package func inherited(among parameters: [Parameter]) throws -> Set<String> {
    let whole = try parameters.filter { parameter in
      try !TrainingSettings.isOfHead(parameter.name)
        && ModelFile.entries(of: parameter).allSatisfy { entry in
          guard let shape = values.shape(entry.name) else { return false }
          return try source(of: entry, in: shape).isWhole(entry.shape, of: shape)
        }
    }
    return Set(whole.map(\.name))
  }

  /// Writes the parameters into a new run's model.
  ///
  /// - Parameter names: The parameters to write; all when nil.
  /// - Throws: `SettingsError.doNotFit` for a model of another shape, `ParameterFileError`, `OpenCLError`.
  @discardableResult
  package func load(into store: ParameterStore, only names: Set<String>? = nil) throws -> Taken {
    var flat = try store.backend.read(store.values)
    var result = Taken()
    for (parameter, offset) in zip(store.parameters, store.offsets)
    where names?.contains(parameter.name) ?? true {
      for entry in ModelFile.entries(of: parameter, at: offset) {
        guard let shape = values.shape(entry.name) else {
          if let made = pruning?.made[entry.name] {
            flat.replaceSubrange(entry.range, with: made)
            result.taken.append(entry.name)
          } else {
            result.new.append(entry.name)
          }
          continue
        }
        let source = try source(of: entry, in: shape)
        if case .random = source {
          result.new.append(entry.name)
          continue
        }
        let given = try values.floats(entry.name, shape: shape)
        result.taken.append(entry.name)
        flat.replaceSubrange(
          entry.range,
          with: combined(given, shape, Array(flat[entry.range]), entry.shape, source))
        result.sources.append((entry, shape, source))
      }
    }
    try store.backend.write(flat, to: store.values)
    return result
  }

  /// Writes the optimiser's moments where those of a parameter are there.
  package func loadMoments(of taken: Taken, into store: ParameterStore) throws {
    let file = try ParameterFile(readingFrom: checkpoint.file(ModelFile.optimizer))
    let targets = [store.firstMoments, store.secondMoments]
    for (prefix, target) in zip(ModelFile.momentPrefixes, targets) {
      var moments = try store.backend.read(target)
      for (entry, shape, source) in taken.sources
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
}

extension StartingPoint {
  private func source(of entry: ModelFile.Entry, in shape: [Int]) throws -> Source {
    let (new, old) = (target.description.inputs, run.description.inputs)
    switch entry.name {
    case target.model.itemTable.name, target.model.outputTable?.name:
      return entry.shape[1] == shape[1]
        ? .rows(items.rows, areKnown: items.knownCount == target.vocabulary.count)
        : try misfit(entry, shape)
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
        rows.flatMap { row in (0..<perType).map { row < 0 ? $0 : row * perType + $0 } },
        areKnown: !rows.contains(-1))
    case "numbers.weight":
      let known = old.features.map(\.request.name) + (old.hasAges ? [""] : [])
      let wanted = new.features.map(\.request.name) + (new.hasAges ? [""] : [])
      return .columns(wanted.map(known.firstIndex))
    case "item_attributes.weight": return new.items == old.items ? .same : .random
    case "attributes.weight", "attributes.bias":
      return target.description.itemTargets == run.description.itemTargets
        ? try own(entry, shape) : .random
    case "user_attributes.weight": return new.users == old.users ? .same : .random
    case let name where name.hasPrefix("\(ReconstructionHeads.name)."):
      let isSame = new.types == old.types && new.features == old.features
      return isSame ? try own(entry, shape) : .random
    default:
      if let head = target.description.heads.first(where: {
        entry.name.hasPrefix($0.name + ".")
      }) {
        return run.description.heads.contains(head) ? try own(entry, shape) : .random
      }
      return try own(entry, shape)
    }
  }

  /// The run's values of a parameter, or those that pruning keeps.
  private func own(_ entry: ModelFile.Entry, _ shape: [Int]) throws -> Source {
    if let kept = pruning?.kept[entry.name] { return .part(kept) }
    return entry.shape == shape ? .same : try misfit(entry, shape)
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
    case .rows(let rows, _):
      let width = shape.dropFirst().reduce(1, *)
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
    case .part(let kept):
      let width = oldShape.dropFirst().reduce(1, *)
      let columns = kept.columns ?? Array(0..<width)
      return (kept.rows ?? Array(0..<oldShape[0])).flatMap { row in
        columns.map { old[row * width + $0] }
      }
    }
  }
}

extension StartingPoint.Source {
  /// Whether all values come from the old array.
  func isWhole(_ shape: [Int], of old: [Int]) -> Bool {
    switch self {
    case .same: shape[0] <= old[0]
    case .rows(_, let areKnown): areKnown
    case .columns(let places): !places.contains(nil)
    case .part: true
    case .random: false
    }
  }
}
