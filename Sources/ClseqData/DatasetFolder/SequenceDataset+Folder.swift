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
      preparation, attributes: tables, version: version, to: folder)
  }

  /// Extends a dataset folder by a log, or by another dataset folder, and writes both as a new one, by the
  /// rules of the first.
  ///
  /// Events that the dataset has are left out and counted; a log of new events and the whole log give
  /// the same. Users and items of the dataset keep their order and come first; statistics of features are
  /// those of the dataset. Users with few events who were left out of it are not known.
  ///
  /// - Parameters:
  ///   - dataset: The path of the dataset folder.
  ///   - path: The log.
  ///   - options: How to read it.
  ///   - attributes: Tables of users and items; without them those of the dataset hold, and what is new
  ///     has no values.
  ///   - folder: The path of the new dataset; it must not exist.
  ///   - version: The version of clseq, for the manifest.
  ///   - memoryBudget: The maximum bytes of events in memory.
  ///   - progress: Called with the progress.
  /// - Returns: The written manifest.
  /// - Throws: `DataError`: as `prepare`; `.missingFile` where there is no dataset, `.lacks` where the log has
  ///   no times or none of the columns that the dataset has, `.unfit` where it adds nothing.
  public static func extend(
    _ dataset: String, by path: String, options: ReadingOptions = ReadingOptions(),
    attributes: AttributeFiles = AttributeFiles(), to folder: String, version: String,
    memoryBudget: Int = 256 << 20, progress: ProgressHandler? = nil
  ) throws(DataError) -> DatasetManifest {
    guard DatasetFolder.exists(at: dataset) else {
      throw .missingFile(path: "\(dataset)/\(DatasetManifest.fileName)")
    }
    let manifest = try DatasetManifest(folder: dataset)
    let tables = try attributes.read(options)
    var rules = DatasetRules(cleaning: manifest.rules, sessionGap: manifest.sessionGap)
    rules.features.known = manifest.features
    let known = try DatasetFolder.mapped(dataset).dataset
    // Users with fewer events are there only if they were kept on purpose.
    if (0..<known.userCount).contains(where: { known[$0].count < minimumEventCount }) {
      rules.leastUserEvents = 1
    }
    let parent = folder.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    var preparation = Preparation(
      rules, folder: parent.isEmpty ? "." : parent.joined(separator: "/") + "/",
      byteBudget: memoryBudget)
    preparation.progress = progress
    try preparation.read(path: dataset, options)
    try preparation.read(path: path, options)
    try preparation.clean()
    return try DatasetFolder.write(
      preparation, attributes: tables, version: version, to: folder)
  }

  /// The manifest of a dataset folder; nil for any other path.
  ///
  /// - Throws: `DataError.damaged`.
  public static func manifest(of path: String) throws(DataError) -> DatasetManifest? {
    DatasetFolder.exists(at: path) ? try DatasetManifest(folder: path) : nil
  }
}
