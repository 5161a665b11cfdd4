import ArgumentParser
import Clseq

/// How the program ends, after `sysexits.h`: the one place where errors become statuses.
enum ExitStatus {
  static let usage: Int32 = 64
  static let badData: Int32 = 65
  static let noInput: Int32 = 66
  static let noDevice: Int32 = 69
  static let software: Int32 = 70
  /// Over the memory budget (`EX_OSERR`).
  static let overBudget: Int32 = 71
  static let cannotCreate: Int32 = 73
  static let inputOutput: Int32 = 74

  /// The status for an error that ended a command.
  static func code(for error: any Error) -> Int32 {
    switch error {
    case let error as SettingsError: code(for: error)
    case let error as DataError: code(for: error)
    case let error as OpenCLError: code(for: error)
    case let error as RunDirectoryError: code(for: error)
    case let error as FileError: code(for: error)
    case let error as CheckpointError: code(for: error)
    case let error as ParameterFileError: code(for: error)
    case is ShopLog.SettingsError: usage
    case is MemoryTooSmall: overBudget
    case is ActivityForecast.Failure, is PassportMismatch: badData
    case let error as Interruption: 128 + error.signal
    default: software
    }
  }

  /// Settings that may cure an error, nil where its text says all.
  static func advice(for error: any Error) -> String? {
    switch error as? OpenCLError {
    case .overBudget, .tooLarge:
      "use a smaller batch (--batch-size, --batch-events), a shorter --max-length, "
        + "or a larger --memory"
    case .noDevice, .noSuchDevice:
      "--device reference works without OpenCL, slowly"
    default: nil
    }
  }

  private static func code(for error: SettingsError) -> Int32 {
    if case .unreadable = error { noInput } else { usage }
  }

  private static func code(for error: DataError) -> Int32 {
    switch error {
    case .missingFile, .noFiles, .unreadable: noInput
    case .corrupt, .damaged, .empty, .emptyPart, .invalidSelection, .lacks, .malformed, .unfit,
      .noBestRanking, .noUsersLeft, .unknownToken, .unsupported:
      badData
    case .readFailed: inputOutput
    case .cannotWrite: cannotCreate
    }
  }

  private static func code(for error: OpenCLError) -> Int32 {
    switch error {
    case .noDevice, .noSuchDevice: noDevice
    case .overBudget, .tooLarge: overBudget
    case .noSource: noInput
    case .call, .build: software
    }
  }

  private static func code(for error: RunDirectoryError) -> Int32 {
    switch error {
    case .exists, .inUse: cannotCreate
    case .missing, .notARun, .noCheckpoint: noInput
    case .file(let error): code(for: error)
    }
  }

  private static func code(for error: FileError) -> Int32 {
    switch error.attempt {
    case .read: noInput
    case .create: cannotCreate
    case .write: inputOutput
    }
  }

  private static func code(for error: CheckpointError) -> Int32 {
    if case .unreadable(let error) = error { code(for: error) } else { badData }
  }

  private static func code(for error: ParameterFileError) -> Int32 {
    if case .system = error.reason { inputOutput } else { badData }
  }
}
