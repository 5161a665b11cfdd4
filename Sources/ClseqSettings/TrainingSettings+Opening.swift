public import ClseqBase
public import ClseqData
public import ClseqOps
public import ClseqRuntime
public import ClseqShop

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension TrainingSettings {
  /// How batches are sized.
  public var batchSizing: BatchSize {
    batchEvents > 0 ? .events(batchEvents) : .sequences(batchSize)
  }

  /// Reads the log or maps the dataset, with the tables of attributes, or makes the built-in log.
  ///
  /// - Parameter progress: Receives the progress of reading a log.
  /// - Throws: `DataError`, and ``SettingsError`` for tables and kinds that do not fit.
  public func loadDataset(progress: ProgressHandler? = nil) throws -> SequenceDataset {
    try loadDataset(needs: eventNeeds(), progress: progress)
  }

  /// The same, with columns that the log must have.
  public func loadDataset(
    needs: EventNeeds, progress: ProgressHandler? = nil
  ) throws -> SequenceDataset {
    var attributes = try attributeFiles()
    if !itemVectors.isEmpty, let kinds = inputKinds, !kinds.contains(.items) {
      throw SettingsError.doNotFit(
        "item_vectors are no input of the model: add items to --inputs, as in --inputs items")
    }
    if !data.isEmpty {
      let vectors = try readItemVectors()
      // A run's model may be used on users without attributes.
      attributes.mayFitNobody = needs.outcomesAreOptional
      var dataset = try SequenceDataset.load(
        path: data, extending: try existingEarlierLogs(), options: readingOptions(), needs: needs,
        sessionGap: sessionGapMicroseconds,
        attributes: attributes, cache: cache.isEmpty ? nil : DatasetCache(folder: cache),
        version: clseqVersion, progress: progress)
      if let vectors { try dataset.attach(vectors) }
      return dataset
    }
    guard attributes == AttributeFiles(), itemVectors.isEmpty else {
      throw SettingsError.doNotFit(
        "users, items and item_vectors need the log that they are of")
    }
    return try demo.dataset(needs: needs)
  }

  /// The paths of ``extends``.
  ///
  /// - Throws: `DataError.unreadable` for one that is gone.
  private func existingEarlierLogs() throws(DataError) -> [String] {
    for path in earlierLogs where !path.contains("*") && access(path, F_OK) != 0 {
      throw .unreadable(
        path: path,
        reason: "it is gone, and \(data) extends it: --extends names where it is now")
    }
    return earlierLogs
  }

  /// The built-in log: with types that can be predicted where a task is about them.
  public var demo: ShopLog { task.demo }

  /// How the log is read.
  public func readingOptions() -> ReadingOptions {
    var columns = ColumnMapping()
    for (role, name) in [
      (ColumnRole.user, userColumn), (.item, itemColumn), (.eventType, typeColumn),
      (.time, timeColumn), (.endTime, endColumn), (.label, labelColumn),
      (.session, sessionColumn),
    ] where !name.isEmpty { columns[role] = name }
    return ReadingOptions(
      format: dataFormat.format, columns: columns, times: timeFormat,
      timesBetween: timesBetween, tolerated: skipBad, missing: missing,
      selection: !query.isEmpty ? .query(query) : table.isEmpty ? nil : .table(table))
  }

  /// ``sessionGap`` in the unit of times; nil for the sessions of a column.
  public var sessionGapMicroseconds: Int64? {
    sessionGap > 0 ? Int64(clamping: Int(min(sessionGap * 1e6, 0x1p62))) : nil
  }

  /// Opens the device of the settings. The reference may take all memory of the machine
  /// where they set no bound.
  ///
  /// - Throws: `OpenCLError`, such as `.noDevice`, `.aboveLimit` where ``tuning`` asks for kernels
  ///   that do not fit it, or `.noMatrixUnit` where ``precision`` is bf16 and the device cannot.
  public func openBackend() throws(OpenCLError) -> Backend {
    if device == "reference" {
      return .reference(
        memoryBudget: memory == 0 ? HostMemory.byteCount : memory, storage: storage)
    }
    return try openBackend(memoryBudget: memory == 0 ? nil : memory, counting: false)
  }

  /// Opens the device, perhaps only to count what would be done there.
  package func openBackend(memoryBudget: Int?, counting: Bool) throws(OpenCLError) -> Backend {
    let device = try Device.select(device)
    if let misfit = tuning.tuning?.misfit(on: device) { throw misfit }
    let context = try Context(
      device, memoryBudget: memoryBudget, profiling: profile && !counting,
      sourceFolder: kernels.isEmpty ? nil : kernels, counting: counting)
    let tuning = tuning.tuning ?? Tuning(for: device)
    return Backend(
      context, tuning: tuning,
      precision: counting ? precision : try usablePrecision(on: device, tuning),
      storage: storage)
  }

  /// The precision, or float32 where that is TF32 and the device has none: the difference is within the
  /// noise of a training, and a warning tells it.
  private func usablePrecision(
    on device: Device, _ tuning: Tuning
  ) throws(OpenCLError) -> Precision {
    guard let fault = precisionFault(on: device, tuning) else { return precision }
    guard precision == .tf32 else {
      throw .noMatrixUnit(precision.rawValue, device: device.name, reason: fault)
    }
    return .float32
  }

  /// Why products cannot be taken in the precision of the settings; nil where they can.
  public func precisionFault(on device: Device, _ tuning: Tuning) -> String? {
    if precision == .float32 { return nil }
    if tuning != .gpu { return "the kernels of tuning \(tuning) have float32 alone" }
    return MatrixUnit.fault(of: precision, on: device)
  }
}

extension TuningChoice {
  /// The tuning itself, nil to choose by the device.
  public var tuning: Tuning? {
    switch self {
    case .auto: nil
    case .cpu8: .cpu(vectorWidth: 8)
    case .cpu16: .cpu(vectorWidth: 16)
    case .gpu: .gpu
    }
  }
}
