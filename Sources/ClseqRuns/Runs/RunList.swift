public import ClseqBase
import Foundation

/// The runs below a folder, and what else stands there.
public struct RunList: Sendable {
  /// A folder that is passed over.
  public struct Fault: Equatable, Sendable {
    /// The folder.
    public let path: String
    /// Why it is.
    public let reason: String
  }

  /// The runs, by path.
  public private(set) var runs: [RunRecord] = []
  /// Folders that hold no run, or a damaged one, by path.
  public private(set) var faults: [Fault] = []

  /// Looks for runs in a folder and in the folders inside, links and hidden folders aside. A folder
  /// that is a run itself gives that run.
  ///
  /// - Throws: `FileError` where the folder itself cannot be read.
  public init(below folder: String) throws(FileError) {
    guard !Self.isRun(folder) else {
      add(folder)
      return
    }
    for name in try Self.folders(in: folder) { visit(Self.joined(folder, name)) }
  }

  /// Takes in a folder with all that it holds. A folder counts as foreign when no run is in it.
  private mutating func visit(_ path: String) {
    if Self.isRun(path) { return add(path) }
    let before = (runs.count, faults.count)
    do {
      for name in try Self.folders(in: path) { visit(Self.joined(path, name)) }
    } catch {
      return faults.append(Fault(path: path, reason: "\(error)"))
    }
    guard runs.count == before.0 else { return }
    let hasDamagedRuns = faults[before.1...].contains { !$0.reason.hasSuffix(Self.noRun) }
    if hasDamagedRuns { return }
    faults.removeSubrange(before.1...)
    faults.append(Fault(path: path, reason: "\(path) \(Self.noRun)"))
  }

  private mutating func add(_ path: String) {
    do { runs.append(try RunRecord(of: RunLayout(path: path))) } catch {
      faults.append(Fault(path: path, reason: "\(error)"))
    }
  }

  private static let noRun = "is not a run, and holds none"

  private static func isRun(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: RunLayout(path: path).configPath)
  }

  private static func joined(_ folder: String, _ name: String) -> String {
    folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  private static func folders(in folder: String) throws(FileError) -> [String] {
    try DurableFiles.names(in: folder).filter { name in
      var status = stat()
      return !name.hasPrefix(".") && lstat("\(folder)/\(name)", &status) == 0
        && status.st_mode & S_IFMT == S_IFDIR
    }
  }
}
