import ClseqMetrics
import Testing

@Suite struct GroupTableTests {
  private let bootstrap = Bootstrap(resampleCount: 100, seed: 1)

  @Test func labels() {
    let grouping = Grouping(labels: ["view", "buy", "view"])
    #expect(grouping.names == ["buy", "view"] && grouping.members == [1, 0, 1])
  }

  @Test func historyLengths() {
    let grouping = Grouping(historyLengths: [3, 4, 5, 9, 10, 400, 2], edges: [4, 5, 10])
    #expect(grouping.names == ["< 4", "4", "5–9", "≥ 10"])
    #expect(grouping.members == [0, 1, 2, 2, 3, 3, 0])
  }

  @Test func groupsHaveMembers() {
    let grouping = Grouping(historyLengths: [1, 60])
    #expect(grouping.names == ["< 5", "50–99"] && grouping.members == [0, 1])
    #expect(Grouping(historyLengths: [7], edges: []).names == ["all"])
    #expect(Grouping(historyLengths: []).names == [])
  }

  @Test func quartilesOfPopularity() {
    let grouping = Grouping(targetCounts: [8, 1, 2, 3, 4, 5, 6, 7])
    #expect(grouping.names == ["< 3", "3–4", "5–6", "≥ 7"])
    #expect(grouping.members == [3, 0, 0, 1, 1, 2, 2, 3])
  }

  @Test func quartilesOfNumbers() {
    let grouping = Grouping(numbers: [0.5, 4, 3, 2, 1, .nan, 7.25, 6, 5])
    #expect(grouping.names == ["< 2", "≥ 2, < 4", "≥ 4, < 6", "≥ 6", "(missing)"])
    #expect(grouping.members == [0, 2, 1, 1, 0, 4, 3, 3, 2])
    #expect(Grouping(numbers: [1, 2, 3], groupCount: 1).names == ["all"])
    #expect(Grouping(numbers: [.nan, .nan]).names == ["(missing)"])
    #expect(Grouping(numbers: [-1.5, -1.5, -1.5, 0]).names == ["≥ -1.5, < 0", "≥ 0"])
    #expect(Grouping(numbers: [Double]()).names == [])
  }

  @Test func equalPopularityStaysTogether() {
    let grouping = Grouping(targetCounts: [1, 1, 1, 1, 1, 1, 2, 9])
    #expect(grouping.names == ["1", "≥ 2"])
    #expect(grouping.members == [0, 0, 0, 0, 0, 0, 1, 1])
    #expect(Grouping(targetCounts: [4, 4]).names == ["≥ 4"])
    #expect(Grouping(targetCounts: [1, 2, 3], groupCount: 1).names == ["all"])
    #expect(Grouping(targetCounts: []).members == [])
  }

  @Test func codes() {
    let grouping = Grouping(codes: [2, -1, 0, 2]) { ["view", "cart", "buy"][$0] }
    #expect(grouping.names == ["(missing)", "buy", "view"])
    #expect(grouping.members == [1, 0, 2, 1])
  }

  @Test func rows() throws {
    let values = MRR(at: 10).values(ranks: [1, 2, 4, 50])
    let table = GroupTable(by: Grouping(labels: ["a", "b", "a", "b"]), bootstrap) { cases in
      MeanFigure(ofUsers: cases.map { values[$0] })
    }
    #expect(table.rows.map(\.group) == ["a", "b"] && table.rows.map(\.userCount) == [2, 2])
    #expect(table.rows.map(\.caseCount) == [2, 2] && table.rows.map(\.value) == [0.625, 0.25])
    #expect(table.rows[0].interval == bootstrap.interval(ofMean: [1, 0.25]))
  }
}
