public import ClseqBase

extension SequenceDataset {
  /// Reads, cleans and orders a log, and writes it as a dataset folder that
  /// `load` maps.
  ///
  /// Memory is bounded by the distinct tokens, the events of 32,768 users and a budget: events beyond it
  /// wait in files without a name beside the dataset, which vanish with the process.
  ///
  /// - Parameters:
  ///   - path: The log.
  ///   - options: How to read it.
  ///   - rules: The rules of cleaning, of sessions and of features.
  ///   - attributes: Tables of users and items, which are written beside their events.
  ///   - folder: The path of the dataset; it must not exist.
  ///   - version: The version of clseq, for the manifest.
  ///   - memoryBudget: The maximum bytes of events in memory.
  ///   - progress: Called with the progress.
  /// - Returns: The written manifest.
  /// - Throws: `DataError`: the log is missing, unreadable, empty or malformed, no user has enough
  ///   events left, or the folder exists or cannot be written. No files remain then.
  public static func prepare(
    path: String, options: ReadingOptions = ReadingOptions(), rules: DatasetRules,
    attributes: AttributeFiles = AttributeFiles(), to folder: String, version: String,
    memoryBudget: Int = 256 << 20, progress: ProgressHandler? = nil
  ) throws(DataError) -> DatasetManifest {
    let tables = try attributes.read(options)
    var options = options
    if let columns = rules.features.columns { options.columns.features = columns }
    var stream = try InteractionStream(path: path, options: options)
    let parent = folder.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    var preparation = Preparation(
      rules, folder: parent.isEmpty ? "." : parent.joined(separator: "/") + "/",
      byteBudget: memoryBudget)
    preparation.progress = progress
    try preparation.read(&stream)
    try preparation.clean()
    return try DatasetFolder.write(
      preparation, of: stream, attributes: tables, version: version, to: folder)
  }

  /// The manifest of a dataset folder; nil for any other path.
  ///
  /// - Throws: `DataError.damaged`.
  public static func manifest(of path: String) throws(DataError) -> DatasetManifest? {
    DatasetFolder.exists(at: path) ? try DatasetManifest(folder: path) : nil
  }
}
