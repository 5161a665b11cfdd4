public import ClseqData
public import ClseqOps
public import ClseqRuntime

extension TrainingSettings {
  /// How batches are sized.
  public var batchSizing: BatchSize {
    batchEvents > 0 ? .events(batchEvents) : .sequences(batchSize)
  }

  /// Reads the log, or makes the built-in one.
  ///
  /// - Throws: `DataError`.
  public func loadDataset() throws(DataError) -> SequenceDataset {
    data.isEmpty
      ? try ShopLog.demo.dataset()
      : try SequenceDataset.load(path: data, format: LogFormat(rawValue: dataFormat.rawValue))
  }

  /// Opens the device that the settings ask for.
  ///
  /// - Throws: `OpenCLError`, such as `.noDevice`.
  public func openBackend() throws(OpenCLError) -> Backend {
    if device == "reference" { return .reference() }
    let context = try Context(
      Device.select(device), memoryBudget: memoryBudget == 0 ? nil : memoryBudget,
      profiling: profile, sourceFolder: kernels.isEmpty ? nil : kernels)
    return Backend(context, tuning: tuning.tuning)
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
