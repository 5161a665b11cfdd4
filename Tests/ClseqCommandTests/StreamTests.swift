import ClseqTestSupport
import Foundation
import Testing

/// Standard input, output and error that are closed, full, or read by nobody any more.
@Suite(.serialized) struct StreamTests {
  private static let small = [
    "--device", "reference", "--hidden-size", "8", "--heads", "1", "--layers", "1",
    "--max-length", "10", "--epochs", "2",
  ].joined(separator: " ")

  private func folderWithLog() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let result = try Program.run(GenerateCommandTests.small + ["log.inter"], in: folder.path)
    #expect(result.status == 0)
    return folder
  }

  /// Runs a line of the shell, in which `clseq` is the program.
  private func shell(_ line: String, in folder: TemporaryFolder) throws -> Program.Result {
    let call = "clseq() { '\(Program.binary().path)' \"$@\"; }; \(line)"
    return try #require(try Program.runIfInstalled("sh", ["-c", call], in: folder.path))
  }

  private func text(_ name: String, in folder: TemporaryFolder) throws -> String {
    try String(contentsOfFile: folder.file(name), encoding: .utf8)
  }

  @Test func closedDescriptorsDoNotBecomeThoseOfFiles() throws {
    let folder = try folderWithLog()
    let trained = try shell("clseq train log.inter \(Self.small) --run r 2>&-", in: folder)
    #expect(trained.status == 0)
    #expect(Int(try text("r/lock", in: folder)) != nil, "only the process is told")
    let predicted = try shell("clseq predict r log.inter -o closed.csv 2>&-", in: folder)
    let open = try shell("clseq predict r log.inter -o open.csv", in: folder)
    #expect(predicted.status == 0 && open.status == 0)
    #expect(try text("closed.csv", in: folder) == text("open.csv", in: folder))
    #expect(try shell("clseq inspect log.inter --plot p.svg 2>&-", in: folder).status == 0)
    #expect(try text("p.svg", in: folder).hasPrefix("<svg "))

    // What goes to a closed standard output is lost, and that is told.
    #expect(try shell("clseq inspect log.inter >&-", in: folder).status == 74)
    #expect(try shell("clseq inspect log.inter 0<&- >&- 2>&-", in: folder).status == 74)
    #expect(try shell("clseq train none.csv 0<&- >&- 2>&-", in: folder).status == 66)
  }

  @Test func aFullStandardErrorChangesNothing() throws {
    let folder = try folderWithLog()
    let quiet = try shell("clseq inspect log.inter", in: folder)
    let full = try shell("clseq inspect log.inter -v 2>/dev/full", in: folder)
    #expect(full.status == 0 && full.output == quiet.output)
    for options in ["", "-v", "--log-format json"] {
      let line = "rm -rf r; clseq train log.inter \(Self.small) --run r \(options) 2>/dev/full"
      #expect(try shell(line, in: folder).status == 0, "\(options)")
    }
    #expect(try shell("clseq evaluate none 2>/dev/full", in: folder).status == 66)
    #expect(try shell("clseq train --bogus 2>/dev/full", in: folder).status == 64)
  }

  @Test func aTrainingOutlivesTheReaderOfItsProgress() throws {
    let folder = try folderWithLog()
    let line =
      "(clseq train log.inter \(Self.small) --epochs 5 --run r -v 2>&1 >/dev/null; "
      + "echo $? > status) | head -c 1"
    _ = try shell(line, in: folder)
    #expect(try text("status", in: folder) == "0\n")
    #expect(try text("r/metrics.jsonl", in: folder).split(separator: "\n").count == 5)
  }

  @Test func lostResultsAreAnErrorAndAFilterEndsQuietly() throws {
    let folder = try TemporaryFolder()
    for call in ["--help", "--version", "train --help", "generate --users 3", "man"] {
      let result = try shell("clseq \(call) >/dev/full", in: folder)
      #expect(result.status == 74 && result.errors.contains("standard output"), "\(call)")
    }
    let line = "(clseq generate --users 20000; echo $? > status) | head -c 1"
    let filtered = try shell(line, in: folder)
    #expect(try text("status", in: folder) == "141\n")
    #expect(filtered.errors.isEmpty)
  }
}
