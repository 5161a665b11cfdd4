import ClseqTestSupport
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

  @Test func thePageShowsTheExample() throws {
    let example = try Page("Examples/TrainFromCode/TrainFromCode.swift").text
    #expect(try Page("docs/from-swift.md").text.contains("```swift\n\(example)```"))
  }
}
