import Clseq

/// What to do about an error, where its own text does not say it.
enum Advice {
  /// A sentence that follows the error; nil where the error says all.
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
    case let error as ActivityForecast.Failure:
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
    case .readFailed: "try again; a disk or a network that fails does so elsewhere too"
    case .corrupt: "copy it again from where it came, or compress it anew"
    case .unsupported: "write it as CSV or JSON Lines, or name its format by --data-format"
    case .empty: "check that it is the right file"
    case .unrecognized:
      "--data-format says how it is written; --user-column and --item-column name columns of a header"
    case .malformed(_, let line, let column, let expected, _):
      about(malformedLine: line, column, expected)
    case .noUsersLeft: "take a log with longer histories, or fewer rules of cleaning"
    case .invalidSelection: "--table names a table, --query selects rows"
    case .damaged: "make it again, or take it from a copy"
    // Where the name is taken, the error says what to do.
    case .cannotWrite(_, let reason):
      reason.hasPrefix("it exists") ? nil : "choose another place, or make room there"
    case .lacks, .unfit, .emptyPart, .unknownToken, .noBestRanking: nil
    }
  }

  private static let twoTimeColumns = "the day and the time of day"

  /// What helps depends on what is wrong: leaving out lines mends neither a header nor an encoding.
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
        "--time-format says how times are written, as in %d.%m.%Y; --skip-bad leaves single lines out"
    }
    if expected.hasSuffix("(events without one may be dropped)") {
      return "--missing drop leaves such events out, and counts them"
    }
    if expected.hasPrefix(Self.twoTimeColumns) { return nil }
    let ways = "--data-format and --…-column say how a log is written"
    return line == 1 ? ways : "mend the line, or leave such lines out by --skip-bad; \(ways)"
  }

  private static func about(_ error: OpenCLError) -> String? {
    switch error {
    case .overBudget, .tooLarge:
      "use a smaller batch (--batch-size, --batch-events), a shorter --max-length, a smaller model "
        + "(--hidden-size, --layers) or a larger --memory"
    case .noDevice, .noSuchDevice:
      "`clseq devices` lists what there is; --device reference works without OpenCL, slowly"
    case .noSource: "--kernels takes a folder with all sources, such as Kernels/OpenCL"
    case .call, .build, .argument:
      "try another --device, and tell the driver's version, which `clseq --version` prints"
    }
  }

  private static func about(_ error: FileError) -> String? {
    switch error.attempt {
    case _ where error.reason.hasPrefix("it exists"): nil
    case .read: "check the path, and who may read it"
    case .create: "choose another path, or make its folder"
    case .write: "make room there, or choose another place"
    }
  }

  private static func about(_ error: CheckpointError) -> String? {
    if case .unreadable(let error) = error { return about(error) }
    let run = error.path.firstRange(of: "/checkpoints/").map {
      String(error.path[..<$0.lowerBound])
    }
    return run.map {
      "`clseq train --resume --run \($0)` goes on from the newest sound checkpoint; or take a copy of the run"
    } ?? "take the run from a copy, or train it again"
  }

  private static func about(_ error: ParameterFileError) -> String? {
    if case .system = error.reason { return "check the path, its rights and the room there" }
    return "take the file from a copy, or write it again"
  }
}
