package import ClseqBase
import Foundation

extension RunLayout {
  /// The epochs that the run has done, in order. A line that is torn, or is no epoch, ends them.
  ///
  /// - Throws: `FileError` where the log is there and cannot be read.
  package func epochs() throws(FileError) -> [EpochMetrics] {
    guard try DurableFiles.names(in: path).contains(Self.metricsName) else { return [] }
    var epochs: [EpochMetrics] = []
    for line in try DurableFiles.bytes(of: metricsPath).split(separator: 0x0A) {
      guard let epoch = try? JSONText.decoder.decode(EpochMetrics.self, from: line) else { break }
      epochs.append(epoch)
    }
    return epochs
  }

  /// The epoch that `best` points to; nil where there is none, or its state cannot be read.
  ///
  /// - Throws: `FileError` where the folder of checkpoints cannot be read.
  package func bestEpoch() throws(FileError) -> Int? {
    guard let state = try best().flatMap({ TrainingState(in: $0) }) else { return nil }
    // A checkpoint is after its epoch, or inside one that was cut by the time limit.
    return state.batch > 0 ? state.epoch : state.epoch - 1
  }

  /// The text of `config.yaml`, as it was written.
  ///
  /// - Throws: `FileError`.
  package func configText() throws(FileError) -> String {
    String(decoding: try DurableFiles.bytes(of: configPath), as: UTF8.self)
  }
}
