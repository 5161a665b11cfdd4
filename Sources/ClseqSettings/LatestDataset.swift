public import ClseqData

/// Reads logs as settings say, and keeps the latest reading: settings that read alike follow one
/// another.
public struct LatestDataset {
  private let read: (ResolvedSettings) throws -> SequenceDataset
  private var latest: (key: [String], dataset: Result<SequenceDataset, any Error>)?

  /// - Parameter read: Reads the log of the settings.
  public init(
    read: @escaping (ResolvedSettings) throws -> SequenceDataset = {
      try $0.training.loadDataset()
    }
  ) {
    self.read = read
  }

  /// The log of the settings. A reading that failed is kept too.
  ///
  /// - Throws: What reading throws.
  public mutating func dataset(_ settings: ResolvedSettings) throws -> SequenceDataset {
    let key = Self.key(settings)
    if let latest, latest.key == key { return try latest.dataset.get() }
    // The one before goes first: two need not be in memory.
    latest = nil
    let dataset = Result { try read(settings) }
    latest = (key, dataset)
    return try dataset.get()
  }

  /// Values of the settings by which a reading can differ from another.
  package static func key(_ settings: ResolvedSettings) -> [String] {
    Setting.all.filter(\.decidesReading).map { $0.text(in: settings) }
  }
}
