public import ClseqBase

/// Why a run directory cannot be used.
public enum RunDirectoryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Something has this name, and the run was not to be resumed.
  case exists(path: String)
  /// There is no run of this name; the run in the same folder with the most similar name.
  case missing(path: String, nearest: String?)
  /// A folder without what every run has.
  case notARun(path: String, lacking: String)
  /// Another process trains there: its number, if the lock has it.
  case inUse(path: String, process: Int?)
  /// No checkpoint was finished yet.
  case noCheckpoint(path: String)
  /// The operating system refused.
  case file(FileError)

  /// The path, what is wrong and what to do.
  public var description: String {
    switch self {
    case .exists(let path):
      "\(path) exists: choose another --run, or add --resume to continue it"
    case .missing(let path, let nearest):
      "no run at \(path); "
        + (nearest.map { "did you mean \($0)?" } ?? "`clseq runs` lists those that are there")
    case .notARun(let path, let lacking):
      "\(path) is not a run: it has no \(lacking). Name the folder that `train` has printed"
    case .inUse(let path, let process):
      "\(path) is in use by another process\(process.map { " (\($0))" } ?? ""): wait for it to end, "
        + "or choose another --run"
    case .noCheckpoint(let path):
      "\(path) has no finished checkpoint: train it on with `clseq train --resume --run \(path)`"
    case .file(let error): error.description
    }
  }
}
