import ClseqTestSupport
import Foundation
import Testing

@Suite struct TrainFromCodeTests {
  /// Trains, scores, compares, reports and predicts; the runs are runs of the command line too.
  @Test func theExampleDoesAllThatTheProgramDoes() throws {
    let folder = try TemporaryFolder()
    let result = try Program.run([folder.path], program: "TrainFromCode")
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 13)
    #expect(lines.count { $0.contains(": best epoch ") } == 2)
    #expect(lines.contains { $0.hasPrefix("NDCG@10 0.") && $0.hasSuffix("]") })
    #expect(lines.contains { $0.hasPrefix("transformer minus gru: ") })
    #expect(lines.last?.hasPrefix("first user: [") == true)
    #expect(
      try String(contentsOfFile: folder.file("report.html"), encoding: .utf8).contains("<svg"))
    let evaluation = try Program.run(["evaluate", "gru", "--quiet"], in: folder.path)
    #expect(evaluation.status == 0 && evaluation.output.contains("NDCG@10"))
  }

  @Test(arguments: ["TrainFromCode", "PredictFromCode"])
  func thePageShowsTheExample(_ name: String) throws {
    let example = try Page("Examples/\(name)/\(name).swift").text
    #expect(try Page("docs/from-swift.md").text.contains("```swift\n\(example)```"))
  }

  @Test func theExamplePredicts() throws {
    let fixture = Fixture.path("version-0.1.0")
    let result = try Program.run(
      ["\(fixture)/run", "\(fixture)/log.inter", "reference"], program: "PredictFromCode")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 40)
  }

  /// A program that uses a run has no symbol of the trainer in it; one that trains has.
  @Test func usingARunLinksNothingThatTrains() throws {
    func namesTrainer(_ program: String) throws -> Bool {
      let name = Data("13ClseqTraining7Trainer".utf8)
      return try Data(contentsOf: Program.binary(program)).range(of: name) != nil
    }
    #expect(try !namesTrainer("PredictFromCode"))
    #expect(try namesTrainer("TrainFromCode"))
  }
}
