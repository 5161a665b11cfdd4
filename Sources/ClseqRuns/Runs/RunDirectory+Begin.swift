public import ClseqSettings
public import Foundation

extension RunDirectory {
  /// The directory of a training: the run to continue, the one that the settings name, or a new one by
  /// model, data and time.
  ///
  /// - Throws: ``RunDirectoryError`` where it exists, or is no run to continue.
  public static func begin(
    _ settings: ResolvedSettings, dataName: String, at date: Date = Date()
  ) throws(RunDirectoryError) -> RunDirectory {
    if settings.resume { return try .resume(at: settings.run) }
    if !settings.run.isEmpty { return try .create(at: settings.run) }
    let path = RunLayout.defaultPath(model: settings.model.rawValue, data: dataName, at: date)
    // Two runs may begin in one second.
    for number in 2...99 {
      do { return try .create(at: number == 2 ? path : "\(path)-\(number - 1)") } catch {
        guard case .exists = error else { throw error }
      }
    }
    return try .create(at: path)
  }

  /// Checks, before a log is read, that a run can be made or continued where the settings say.
  ///
  /// - Throws: ``RunDirectoryError``, and ``AdapterBaseError`` for a run of adapters whose base is gone.
  public static func requireUsable(_ settings: ResolvedSettings) throws {
    if settings.resume {
      let layout = try RunLayout.existing(at: settings.run)
      let hasBegun = FileManager.default.fileExists(atPath: layout.passportPath)
      if hasBegun, settings.training.hasAdapters {
        _ = try AdapterBase.found(of: layout, settings.training)
      }
    } else if !settings.run.isEmpty {
      var status = stat()
      guard lstat(settings.run, &status) != 0 else {
        throw RunDirectoryError.exists(path: settings.run)
      }
    }
  }
}
