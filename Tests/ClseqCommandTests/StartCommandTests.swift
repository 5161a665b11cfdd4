import ClseqTestSupport
import Foundation
import Testing

/// Adapters and pruning, as people run them.
@Suite(.serialized) struct StartCommandTests {
  private static let small = [
    "--device", "reference", "--hidden-size", "8", "--layers", "1", "--max-length", "10",
    "--epochs", "1", "--quiet",
  ]

  private func folderWithRun() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for call in [
      GenerateCommandTests.small + ["log.inter"],
      ["train", "log.inter", "--run", "base"] + Self.small,
    ] { try #require(try Program.run(call, in: folder.path).status == 0) }
    return folder
  }

  @Test func adaptersNeedTheirBaseUntilTheyAreMerged() throws {
    let folder = try folderWithRun()
    func run(_ words: String...) throws -> Program.Result {
      try Program.run(words, in: folder.path)
    }
    let trained = try run(
      "finetune", "base", "log.inter", "--lora-rank", "2", "--run", "adapters", "--epochs", "1",
      "--device", "reference")
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.errors.contains("adapters of rank 2: 288 of "), "\(trained.errors)")
    let merged = try run("finetune", "--merge", "adapters", "--run", "merged")
    #expect(merged.status == 0 && merged.output.contains("6 adapters of adapters merged"))
    func predictions(_ name: String) throws -> Program.Result {
      try run("predict", name, "log.inter", "--top", "1", "--device", "reference", "--quiet")
    }
    #expect(try predictions("adapters").status == 0)
    #expect(try run("finetune", "--merge", "merged", "--run", "x").status == 64)
    #expect(try run("finetune", "--merge", "adapters", "log.inter", "--run", "x").status == 64)
    #expect(try run("finetune", "--merge", "adapters", "--run", "merged").status == 73)
    #expect(try run("train", "--continue", "adapters", "log.inter", "--run", "x").status == 64)
    #expect(!FileManager.default.fileExists(atPath: folder.file("x")))
    let file = folder.file("base/best/model.safetensors")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    var changed = bytes
    changed[changed.count - 1] ^= 1
    try changed.write(to: URL(fileURLWithPath: file))
    let refused = try predictions("adapters")
    #expect(refused.status == 65 && refused.errors.contains("weights that have changed"))
    try bytes.write(to: URL(fileURLWithPath: file))
    try FileManager.default.removeItem(atPath: folder.file("base"))
    for words in [
      ["predict", "adapters", "log.inter"], ["evaluate", "adapters"],
      ["finetune", "adapters", "log.inter", "--run", "x"],
      ["train", "--resume", "--run", "adapters"],
    ] {
      let result = try Program.run(words, in: folder.path)
      #expect(result.status == 66, "\(words): \(result.errors)")
      #expect(result.errors.contains("start_from:") && result.errors.contains("/base"))
    }
    #expect(try predictions("merged").status == 0)
  }

  @Test func aPrunedRunTellsWhatItKept() throws {
    let folder = try folderWithRun()
    func run(_ words: String...) throws -> Program.Result {
      try Program.run(words, in: folder.path)
    }
    let pruned = try run(
      "finetune", "base", "log.inter", "--keep-ratio", "0.6", "--run", "pruned", "--epochs", "1",
      "--device", "reference")
    // Of 872 weights at most 523: a block of one head has 188, without units, and a unit 17.
    #expect(
      pruned.errors.contains(
        "clseq: kept 1 of 2 heads and 16 of 32 feed-forward units of each block: 460 of 872 weights of the "
          + "blocks\n"), "\(pruned.errors)")
    let config = try String(contentsOfFile: folder.file("pruned/config.yaml"), encoding: .utf8)
    #expect(config.contains("heads: 1\nhead_width: 4\n"))
    #expect(config.contains("feed_forward_size: 16\n"))
    try FileManager.default.removeItem(atPath: folder.file("base"))
    #expect(try run("evaluate", "pruned").status == 0)
    let small = try run("finetune", "pruned", "log.inter", "--keep-ratio", "0.1", "--run", "x")
    #expect(small.status == 64 && small.errors.contains("the smallest is "))
    #expect(!FileManager.default.fileExists(atPath: folder.file("x")))
  }

  @Test func otherModelsAreRefusedByName() throws {
    let folder = try TemporaryFolder()
    for call in [
      GenerateCommandTests.small + ["log.inter"],
      ["train", "log.inter", "--run", "base", "--model", "cnn"] + Self.small,
    ] { try #require(try Program.run(call, in: folder.path).status == 0) }
    for option in [["--lora-rank", "2"], ["--keep-ratio", "0.5"]] {
      let result = try Program.run(
        ["finetune", "base", "log.inter", "--run", "x"] + option, in: folder.path)
      #expect(result.status == 64 && result.errors.contains("cnn"), "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.file("x")))
    }
  }
}
