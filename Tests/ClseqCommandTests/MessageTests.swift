import ClseqTestSupport
import Foundation
import Testing

/// Notes and errors say what is so, and what to do.
@Suite(.serialized) struct MessageTests {
  private static let small = [
    "--device", "reference", "--hidden-size", "8", "--heads", "1", "--layers", "1",
    "--max-length", "10", "--epochs", "1",
  ]

  private func folderWithRun() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for call in [
      GenerateCommandTests.small + ["log.inter"],
      ["train", "log.inter", "--run", "first"] + Self.small,
    ] { try #require(try Program.run(call, in: folder.path).status == 0) }
    return folder
  }

  @Test func settingsWithoutEffectAreTold() throws {
    let folder = try folderWithRun()
    func told(_ words: [String], _ environment: [String: String] = [:]) throws -> [Substring] {
      let call = ["train", "log.inter"] + words
      let result = try Program.run(call, environment: environment, in: folder.path)
      #expect(result.status == 0, "\(result.errors)")
      return result.errors.split(separator: "\n").filter { $0.contains("has no effect") }
    }
    let negatives = try told(Self.small + ["--run", "a", "--negatives", "1"])
    #expect(negatives.count == 1 && negatives[0].contains("--negatives has no effect: it is for"))
    let baseline = ["--model", "popularity", "--run", "b", "--epochs", "3"]
    #expect(try told(baseline + ["--validation-from", "80%"]).count == 2)
    let variable = try told(["--model", "popularity", "--run", "c"], ["CLSEQ_HEADS": "4"])
    #expect(variable.count == 1 && variable[0].contains("CLSEQ_HEADS"))
    // The file of a run holds every setting, and most of them as they are anyway.
    #expect(try told(["--config", "first/config.yaml", "--run", "d"]).isEmpty)
    _ = try folder.write(Array("heads: 4\nmodel: popularity\n".utf8), to: "odd.yaml")
    let file = try told(["--config", "odd.yaml", "--run", "e"])
    #expect(file.count == 1 && file[0].contains("odd.yaml: heads has no effect"))
    #expect(try told(Self.small + ["--run", "f"]).isEmpty)
    #expect(try told(Self.small + ["--run", "g", "--negatives", "1", "--quiet"]).isEmpty)
  }

  @Test func countsHaveTheirNouns() throws {
    let folder = try folderWithRun()
    let lines = try String(contentsOfFile: folder.file("log.inter"), encoding: .utf8)
      .split(separator: "\n")
    let user = try #require(lines[1].split(separator: "\t").first) + "\t"
    let own = lines.filter { $0.hasPrefix(user) }
    _ = try folder.write(Array(([lines[0]] + own).joined(separator: "\n").utf8), to: "one.inter")
    let call = ["predict", "first", "one.inter", "--top", "1"]
    let result = try Program.run(call, in: folder.path)
    #expect(result.errors.contains("1 line for 1 user\n"), "\(result.errors)")
  }

  @Test func aFinishedRunHasNoFirstStep() throws {
    let folder = try folderWithRun()
    let again = try Program.run(["train", "--resume", "--run", "first"], in: folder.path)
    #expect(again.status == 0 && again.output.contains("best epoch"), "\(again.errors)")
    #expect(!again.output.contains("first step"), "\(again.output)")
  }

  @Test func wishesThatCannotBeMetAreErrors() throws {
    let folder = try TemporaryFolder()
    let typed =
      "user_id,item_id,event_type\n" + (0..<30).map { "u\($0 % 3),i\($0),view\n" }.joined()
    _ = try folder.write(Array(typed.utf8), to: "log.csv")
    let cases: [(words: [String], status: Int32, message: String)] = [
      (["--drop-event", "nosuch", "--type-column", "event_type"], 65, "'nosuch'"),
      (["--max-events-per-hour", "5"], 65, "no times"),
      (["--user-column", "user_id", "--item-column", "user_id"], 64, "one column, 'user_id'"),
    ]
    for (words, status, message) in cases {
      let result = try Program.run(["prepare", "log.csv", "-o", "ds"] + words, in: folder.path)
      #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
      #expect(try folder.names() == ["log.csv"])
    }
  }

  @Test func aChangedLogAndADamagedRunHaveWordsOfTheirOwn() throws {
    let folder = try folderWithRun()
    let model = folder.file("first/best/model.safetensors")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: model))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: URL(fileURLWithPath: model))
    let damaged = try Program.run(["predict", "first", "log.inter"], in: folder.path)
    #expect(damaged.status == 65)
    #expect(damaged.errors.contains("`clseq train --resume --run first`"), "\(damaged.errors)")

    let more = GenerateCommandTests.small + ["--seed", "2", "other.inter"]
    #expect(try Program.run(more, in: folder.path).status == 0)
    try FileManager.default.removeItem(atPath: folder.file("log.inter"))
    try FileManager.default.moveItem(
      atPath: folder.file("other.inter"), toPath: folder.file("log.inter"))
    let call = ["train", "--resume", "--run", "first", "--epochs", "2"]
    let changed = try Program.run(call, in: folder.path)
    #expect(changed.status == 65)
    #expect(changed.errors.contains("the log has changed since"), "\(changed.errors)")
    #expect(!changed.errors.contains("compare"))
  }

  @Test func takenNamesAreToldOnceAndEarly() throws {
    let folder = try folderWithRun()
    _ = try folder.write([], to: "taken")
    for call in [
      ["prepare", "log.inter", "-o", "taken"], ["predict", "first", "log.inter", "-o", "taken"],
      ["generate", "taken"],
    ] {
      let result = try Program.run(call, in: folder.path)
      #expect(result.status == 73 && result.errors.contains("it exists"), "\(result.errors)")
      #expect(!result.errors.contains("make "), "\(result.errors)")
    }
    // Before a log is looked for.
    let early = try Program.run(["train", "none.csv", "--run", "first"], in: folder.path)
    #expect(early.status == 73, "\(early.errors)")
  }

  @Test func nearNamesAreNamed() throws {
    let folder = try folderWithRun()
    let run = try Program.run(["evaluate", "frist"], in: folder.path)
    #expect(run.status == 66 && run.errors.contains("did you mean first?"), "\(run.errors)")
    let runs = try Program.run(["runs"], in: folder.path)
    #expect(runs.status == 66 && runs.errors.contains("clseq runs ."), "\(runs.errors)")
  }

  @Test func negativeNumbersAreValues() throws {
    let epochs = try Program.run(["train", "--epochs", "-1"])
    #expect(epochs.status == 64)
    #expect(
      epochs.errors.contains("epochs is '-1', expected an integer from 1"), "\(epochs.errors)")
    let users = try Program.run(["generate", "--users", "-1"])
    #expect(users.status == 64 && users.errors.contains("--users=-1"), "\(users.errors)")
  }

  @Test func everyCommandCanBeQuiet() throws {
    for words in [
      ["generate"], ["devices"], ["man"], ["completions"], ["report"], ["plan"], ["tune"],
    ] {
      let help = try Program.run(words + ["--help"]).output
      for option in ["--log-format", "--quiet", "-v, --verbose"] {
        #expect(help.contains(option), "\(words) \(option)")
      }
    }
  }
}
