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

  @Test func theReadmeShowsTheExample() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    func text(_ path: String) throws -> String {
      try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
    let example = try text("Examples/TrainFromCode/TrainFromCode.swift")
    #expect(try text("README.md").contains("```swift\n\(example)```"))
  }
}
