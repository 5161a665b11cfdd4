/// A figure by group of users or cases, which shows the groups for which a good average is bad.
///
/// ```swift
/// let values = NDCG(at: 10).values(ranks: ranks)
/// let table = GroupTable(by: Grouping(historyLengths: lengths), Bootstrap(seed: 1)) { cases in
///   MeanFigure(ofUsers: cases.map { values[$0] })
/// }
/// for row in table.rows { print(row.group, row.userCount, row.value, row.interval) }
/// ```
public struct GroupTable: Sendable, Equatable {
  /// One group.
  public struct Row: Sendable, Equatable {
    /// The name of the group.
    public let group: String
    /// The users in it, at least 1.
    public let userCount: Int
    /// The cases in it, at least 1.
    public let caseCount: Int
    /// Their figure; nil if it is not defined for them.
    public let value: Double?
    /// The confidence interval of the figure; nil if it is not defined.
    public let interval: ConfidenceInterval?
  }

  /// The groups in the order of the grouping.
  public let rows: [Row]

  /// - Parameters:
  ///   - grouping: The group of each case.
  ///   - bootstrap: The bootstrap of the intervals.
  ///   - figure: The figure of some of the cases, by their indices.
  public init(
    by grouping: Grouping, _ bootstrap: Bootstrap, of figure: (_ cases: [Int]) -> any UserFigure
  ) {
    var groups = [[Int]](repeating: [], count: grouping.names.count)
    for (place, member) in grouping.members.enumerated() { groups[Int(member)].append(place) }
    rows = zip(grouping.names, groups).map { name, cases in
      let figure = figure(cases)
      return Row(
        group: name, userCount: figure.userCount, caseCount: cases.count, value: figure.value,
        interval: bootstrap.intervals(of: [figure])[0])
    }
  }
}
