package import ClseqBase
package import ClseqSettings
import Foundation

/// The run whose weights another run's adapters change: that run's checkpoints hold the adapters alone, and are of
/// use only beside the same weights.
public struct AdapterBase: Codable, Equatable, Sendable {
  /// The run directory when the adapters were begun. Where it is now, the setting `start_from` says.
  public let run: String
  /// The name of the checkpoint.
  public let checkpoint: String
  /// Hash of its file of parameters, with the name of the hash.
  public let parametersHash: String

  private enum CodingKeys: String, CodingKey {
    case run, checkpoint
    case parametersHash = "parameters_hash"
  }

  /// The base of a new run.
  ///
  /// - Throws: `FileError`.
  package init(_ checkpoint: Checkpoint, of layout: RunLayout) throws(FileError) {
    run = layout.path
    self.checkpoint = checkpoint.name
    parametersHash = try checkpoint.parametersHash()
  }

  /// All fields in a line.
  package var text: String { "\(run) (\(checkpoint), \(parametersHash))" }

  /// The base of a run that is there, found and checked.
  ///
  /// - Parameters:
  ///   - layout: The run of the adapters.
  ///   - settings: Its settings.
  /// - Returns: The base with the checkpoint that the adapters were begun from.
  /// - Throws: ``AdapterBaseError`` for a base that is gone or has changed; `FileError`, ``BadRunFile``.
  package static func found(
    of layout: RunLayout, _ settings: TrainingSettings
  ) throws -> (layout: RunLayout, checkpoint: Checkpoint) {
    guard let saved = try layout.passport().base else {
      throw BadRunFile(path: layout.passportPath)
    }
    let base = RunLayout(path: settings.startFrom)
    let checkpoint = try? base.checkpoints().first { $0.name == saved.checkpoint }
    guard let checkpoint,
      FileManager.default.fileExists(atPath: checkpoint.file(Checkpoint.parametersName))
    else { throw AdapterBaseError.missing(run: layout.path, base: base.path, saved.checkpoint) }
    let hash = try checkpoint.parametersHash()
    guard hash == saved.parametersHash else {
      throw AdapterBaseError.changed(
        run: layout.path, file: checkpoint.file(Checkpoint.parametersName),
        was: saved.parametersHash, is: hash)
    }
    return (base, checkpoint)
  }
}

/// A run of adapters cannot be used, for the weights that they change are not there.
public enum AdapterBaseError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The base, or the checkpoint that the adapters were begun from, is gone.
  case missing(run: String, base: String, String)
  /// The checkpoint's file of parameters is another one now.
  case changed(run: String, file: String, was: String, is: String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .missing(let run, let base, let checkpoint):
      "\(run) has adapters alone, for the weights of \(base), \(checkpoint), which is gone: put it back, or "
        + "write where it is after 'start_from:' in \(run)/config.yaml"
    case .changed(let run, let file, let was, let hash):
      "\(run) has adapters alone, for weights that have changed: the hash of \(file) was \(was) and is "
        + "\(hash). Put the file back as it was"
    }
  }
}
