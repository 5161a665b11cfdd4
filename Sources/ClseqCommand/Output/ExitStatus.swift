import ArgumentParser
import Clseq
import Foundation

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

  /// Every status with what it means, for the manual.
  static let meanings: [(code: Int32, meaning: String)] = [
    (0, "Success."),
    (usage, "Wrong usage, or settings that do not fit together."),
    (badData, "Bad data: a malformed log, a damaged checkpoint, runs that may not be compared."),
    (noInput, "A file or a run that is not there."),
    (noDevice, "No OpenCL device."),
    (software, "An error of the program, or of the OpenCL driver."),
    (overBudget, "The device memory that may be used does not suffice."),
    (cannotCreate, "A file or a run directory cannot be created, as when it exists."),
    (inputOutput, "Reading or writing failed midway."),
    (128 + SIGINT, "Interrupted; training has written a checkpoint."),
    (128 + SIGTERM, "Terminated; training has written a checkpoint."),
  ]

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
    case let error as AdapterBaseError: code(for: error)
    case is ShopLog.SettingsError: usage
    case is MemoryTooSmall: overBudget
    case is EveryTrialFailed: software
    case is WrongKernels: noDevice
    case is CountedDays.Failure, is PassportMismatch, is ChangedRun,
      is NothingToTrain:
      badData
    case is NoRunsFolder: noInput
    case let error as Interruption: 128 + error.signal
    default: software
    }
  }

  private static func code(for error: SettingsError) -> Int32 {
    if case .unreadable = error { noInput } else { usage }
  }

  private static func code(for error: DataError) -> Int32 {
    switch error {
    case .missingFile, .noFiles, .unreadable: noInput
    case .unrecognized, .corrupt, .damaged, .empty, .emptyPart, .invalidSelection, .lacks,
      .malformed, .unfit,
      .noBestRanking, .noUsersLeft, .unknownToken, .unsupported:
      badData
    case .readFailed: inputOutput
    case .cannotWrite: cannotCreate
    }
  }

  private static func code(for error: OpenCLError) -> Int32 {
    switch error {
    case .noDevice, .noSuchDevice, .aboveLimit, .noMatrixUnit: noDevice
    case .overBudget, .tooLarge: overBudget
    case .noSource: noInput
    case .call, .build, .argument: software
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

  private static func code(for error: AdapterBaseError) -> Int32 {
    switch error {
    case .missing: noInput
    case .changed: badData
    }
  }

  private static func code(for error: ParameterFileError) -> Int32 {
    if case .system = error.reason { inputOutput } else { badData }
  }
}
