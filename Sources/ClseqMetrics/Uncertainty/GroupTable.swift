/// A metric by group of users, so that what is good on average and bad for some shows.
///
/// ```swift
/// let table = GroupTable(
///   NDCG(at: 10), ranks: ranks, by: Grouping(historyLengths: lengths), Bootstrap(seed: 1))
/// for row in table.rows { print(row.group, row.count, row.value, row.interval) }
/// ```
public struct GroupTable: Sendable, Equatable {
  /// One group.
  public struct Row: Sendable, Equatable {
    /// The name of the group.
    public let group: String
    /// The users in it, at least 1.
    public let count: Int
    /// Their mean.
    public let value: Double
    /// Where the mean of more such users would lie.
    public let interval: ConfidenceInterval
  }

  /// The metric's title, such as `NDCG@10`.
  public let title: String
  /// The groups in the order of the grouping.
  public let rows: [Row]

  /// The means of any values.
  ///
  /// - Parameters:
  ///   - title: What the values are.
  ///   - values: One a user.
  ///   - grouping: The group of each user, as many as values.
  ///   - bootstrap: What makes the intervals.
  public init(title: String, values: [Double], by grouping: Grouping, _ bootstrap: Bootstrap) {
    precondition(
      values.count == grouping.members.count,
      "\(title) by group of \(values.count) values and \(grouping.members.count) members")
    var groups = [[Double]](repeating: [], count: grouping.names.count)
    for (value, member) in zip(values, grouping.members) { groups[member].append(value) }
    self.title = title
    rows = zip(grouping.names, groups).compactMap { name, values in
      bootstrap.interval(ofMean: values).map { interval in
        Row(
          group: name, count: values.count, value: values.reduce(0, +) / Double(values.count),
          interval: interval)
      }
    }
  }

  /// A ranking metric by group, from the rank of each user's target.
  public init(
    _ metric: some RankingMetric, ranks: some Collection<Int>, by grouping: Grouping,
    _ bootstrap: Bootstrap
  ) {
    self.init(
      title: metric.title, values: metric.values(ranks: ranks), by: grouping, bootstrap)
  }

  /// A ranking metric by group, from ranks among sampled negatives, with their mark in the title.
  public init(
    _ metric: some RankingMetric, ranks sampled: SampledRanks, by grouping: Grouping,
    _ bootstrap: Bootstrap
  ) {
    self.init(
      title: "\(metric.title) \(sampled.mark)", values: metric.values(ranks: sampled.ranks),
      by: grouping, bootstrap)
  }
}
