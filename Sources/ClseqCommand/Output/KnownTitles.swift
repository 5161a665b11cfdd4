import Clseq

/// What items are called, as far as that can be had.
enum KnownTitles {
  /// The titles of a run's items. They are not needed: the table of the run's own settings, if it cannot be
  /// read, gives a warning and no titles.
  ///
  /// - Throws: `DataError` for a table that an option names.
  static func of(_ run: TrainedRun, _ settings: ResolvedSettings) throws -> ItemTitles? {
    let isGiven = settings.given.contains("items")
    do {
      let titles = try run.itemTitles()
      if titles == nil, isGiven {
        Console.warn("no titles of items: \(settings.items) has no column of titles", settings)
      }
      return titles
    } catch let error as DataError where !isGiven {
      Console.warn("no titles of items: \(error)", settings)
      return nil
    }
  }
}
