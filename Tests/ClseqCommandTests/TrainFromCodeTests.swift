import ClseqTestSupport
import Foundation
import Testing

@Suite struct TrainFromCodeTests {
  @Test func theExampleTrains() throws {
    let result = try Program.run([], program: "TrainFromCode")
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.first?.hasPrefix("best epoch ") == true)
    #expect(lines.count == 10)
    #expect(lines.contains { $0.hasPrefix("NDCG@10: 0.") })
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
