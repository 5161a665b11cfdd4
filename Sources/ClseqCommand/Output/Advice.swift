import Clseq

/// Advice on an error, where its own text has none.
enum Advice {
  /// A sentence that follows the error; nil where there is no advice.
  static func about(_ error: any Error) -> String? {
    switch error {
    case let error as SettingsError: about(error)
    case let error as DataError: about(error)
    case let error as OpenCLError: about(error)
    case RunDirectoryError.file(let error): about(error)
    case let error as FileError: about(error)
    case let error as CheckpointError: about(error)
    case let error as ParameterFileError: about(error)
    case is PassportMismatch: "score both runs on one log, with one split and one task"
    case is ChangedRun: "take the log as it was, or train a new run: another --run"
    case is WrongKernels: "take another device, another --tuning, or --device reference"
    case is NothingToTrain: "take a log with longer histories, or --split-by time or user"
    case let error as CountedDays.Failure where error.isAboutOrigins:
      "take fewer origins (--backtest), a shorter --horizon, or a log of more days"
    case let error as CountedDays.Failure:
      error.user == nil
        ? "take a log of more days" : "take a user of more days, or leave --user away"
    default: nil
    }
  }

  private static func about(_ error: SettingsError) -> String? {
    switch error {
    case .unknownKey(_, nil, _): "`clseq config show` lists every setting"
    case .malformed: "`clseq config template` prints a file to start from"
    case .unreadable: "check the path; `clseq config template` prints a file to start from"
    case .unknownKey, .badValue, .notAllowed, .doNotFit: nil
    }
  }

  private static func about(_ error: DataError) -> String? {
    switch error {
    case .missingFile, .noFiles, .unreadable:
      "name a file, a folder of shards, a pattern in quotes, or - for standard input"
    case .readFailed: "try again; check the disk or the network"
    case .corrupt: "copy it again from its source, or compress it again"
    case .unsupported: "write it as CSV or JSON Lines, or name its format by --data-format"
    case .empty: "check that it is the right file"
    case .unrecognized:
      "--data-format says how it is written; --user-column and --item-column name columns of a header"
    case .malformed(_, let line, let column, let expected, _):
      about(malformedLine: line, column, expected)
    case .noUsersLeft: "take a log with longer histories, or fewer rules of cleaning"
    case .invalidSelection: "--table names a table, --query selects rows"
    case .damaged: "make it again, or use a copy"
    // Where the name is taken, the error says what to do.
    case .cannotWrite(_, let reason):
      reason.hasPrefix("it exists") ? nil : "choose another folder, or free some space"
    case .lacks, .unfit, .emptyPart, .unknownToken, .noBestRanking: nil
    }
  }

  private static let twoTimeColumns = "the day and the time of day"

  /// The advice depends on the fault: skipping lines corrects neither a header nor an encoding.
  private static func about(
    malformedLine line: Int, _ column: Int, _ expected: String
  ) -> String? {
    if expected == "UTF-8 text" {
      return line == 1 && column == 1
        ? "write it in UTF-8: iconv -f UTF-16 -t UTF-8 does for UTF-16"
        : "write it in UTF-8: iconv -f LATIN1 -t UTF-8 does for Latin-1"
    }
    if expected.hasPrefix("a time (a number") {
      return
        "--time-format says how times are written, as in %d.%m.%Y; --skip-bad 10, 1% or all skips bad lines"
    }
    if expected.hasSuffix("(events without one may be dropped)") {
      return "--missing drop leaves such events out, and counts them"
    }
    if expected.hasPrefix(Self.twoTimeColumns) { return nil }
    let ways = "--data-format, --user-column NAME and the like say how a log is written"
    return line == 1
      ? ways : "correct the line, or skip bad lines by --skip-bad 10, 1% or all; \(ways)"
  }

  private static func about(_ error: OpenCLError) -> String? {
    switch error {
    case .overBudget, .tooLarge:
      "use a smaller batch (--batch-size, --batch-events), a shorter --max-length, a smaller model "
        + "(--hidden-size, --layers) or a larger --memory"
    case .noDevice, .noSuchDevice:
      "`clseq devices` lists the devices; --device reference works without OpenCL, slowly"
    case .noMatrixUnit:
      "take --precision float32, which every device has; tf32 and bf16 need an NVIDIA GPU of compute "
        + "capability 8.0 or newer. --storage bf16 works on every device"
    case .aboveLimit: "take --tuning cpu8, whose kernels fit every device, or another --device"
    case .noSource: "--kernels takes a folder with all sources, such as Kernels/OpenCL"
    case .call, .build, .argument:
      "try another --device; a report of the fault needs the output of `clseq --version`"
    }
  }

  private static func about(_ error: FileError) -> String? {
    switch error.attempt {
    case _ where error.reason.hasPrefix("it exists"): nil
    case .read: "check the path and its permissions"
    case .create: "choose another path, or create its folder"
    case .write: "free some space, or choose another folder"
    }
  }

  private static func about(_ error: CheckpointError) -> String? {
    if case .unreadable(let error) = error { return about(error) }
    let run = error.path.firstRange(of: "/checkpoints/").map {
      String(error.path[..<$0.lowerBound])
    }
    return run.map {
      "`clseq train --resume --run \($0)` continues from the newest intact checkpoint; or use a copy of the run"
    } ?? "use a copy of the run, or train it again"
  }

  private static func about(_ error: ParameterFileError) -> String? {
    if case .system = error.reason { return "check the path, its permissions and the free space" }
    return "use a copy of the file, or write it again"
  }
}
