import Clseq

/// What items are called, as far as that can be had.
enum KnownTitles {
  /// The titles of a run's items; a table that cannot be read gives a warning and no titles, because
  /// titles are not needed.
  static func of(_ run: TrainedRun, _ settings: ResolvedSettings) throws -> ItemTitles? {
    do {
      return try run.itemTitles()
    } catch let error as DataError {
      Console.warn("no titles of items: \(error)", settings)
      return nil
    }
  }
}
