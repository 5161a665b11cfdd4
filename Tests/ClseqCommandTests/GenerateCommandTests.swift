import Clseq
import ClseqTestSupport
import Foundation
import Testing

@Suite struct GenerateCommandTests {
  static let small = ["generate", "--users", "30", "--items", "40", "--max-events", "12"]

  @Test func numbersDecideTheBytes() throws {
    let first = try Program.run(Self.small)
    #expect(first.status == 0 && first.errors.isEmpty)
    #expect(try Program.run(Self.small).output == first.output)
    #expect(try Program.run(Self.small + ["--seed", "2"]).output != first.output)
  }

  @Test func filesHoldWhatIsPrinted() throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(Self.small + ["log.inter"], in: folder.path)
    #expect(result.status == 0 && result.output.isEmpty)
    #expect(try folder.names() == ["log.inter"])
    let text = try String(contentsOfFile: folder.file("log.inter"), encoding: .utf8)
    #expect(text == (try Program.run(Self.small)).output)
    let dataset = try SequenceDataset.load(path: folder.file("log.inter"))
    #expect(dataset.userCount == 30)
  }

  @Test func nothingIsOverwritten() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array("mine".utf8), to: "log.inter")
    let result = try Program.run(Self.small + ["log.inter"], in: folder.path)
    #expect(result.status == 73)
    #expect(result.errors.contains("it exists"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
  }
}
