/// A group for each user (or for each evaluated case).
///
/// Every group has a member; groups are in the order of tables.
public struct Grouping: Sendable, Equatable {
  /// The name of the group of users whose attribute is missing.
  public static let missingName = "(missing)"

  /// The names of the groups.
  public let names: [String]
  /// The group of each user, an index of `names`.
  public let members: [Int32]

  /// Groups by a label, such as a user attribute or the target's type of event; names ascend.
  public init(labels: some Collection<String>) {
    names = Set(labels).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(names, Int32(0)...))
    members = labels.compactMap { places[$0] }
  }

  /// Groups by a coded label; names ascend.
  ///
  /// - Parameters:
  ///   - codes: The code of each case; negative if it is missing.
  ///   - name: The name of a code, from 0.
  public init(codes: some Collection<Int32>, name: (Int) -> String) {
    let used = Set(codes.lazy.map { max(-1, $0) })
    let names = used.map { ($0, $0 < 0 ? Self.missingName : name(Int($0))) }
      .sorted { $0.1 < $1.1 }
    let places = Dictionary(uniqueKeysWithValues: zip(names.map(\.0), Int32(0)...))
    self.names = names.map(\.1)
    members = codes.compactMap { places[max(-1, $0)] }
  }

  /// Groups by the number of events before the target.
  ///
  /// - Parameters:
  ///   - historyLengths: The number of events of each user.
  ///   - edges: The first numbers of the groups after the first group, ascending: 5 and 10 give
  ///     `< 5`, `5–9` and `≥ 10`.
  public init(historyLengths: some Collection<Int>, edges: [Int] = [5, 10, 20, 50, 100]) {
    self.init(historyLengths, edges: edges)
  }

  /// Groups of about equal size by the popularity of a user's target, in ascending order.
  ///
  /// - Parameters:
  ///   - targetCounts: How often the target of each user occurs in the training part. Equal counts
  ///     stay in one group, so that groups may be fewer and of unequal size.
  ///   - groupCount: At least 1: 4 gives quartiles.
  public init(targetCounts: some Collection<Int>, groupCount: Int = 4) {
    precondition(groupCount >= 1, "\(groupCount) groups: at least 1")
    let ascending = targetCounts.sorted()
    let edges = (1..<groupCount).compactMap { group in
      ascending.isEmpty ? nil : ascending[group * ascending.count / groupCount]
    }
    self.init(targetCounts, edges: Set(edges).sorted())
  }

  /// Groups of about equal size by a number, such as a numeric attribute, in ascending order; users
  /// without a number are the last group.
  ///
  /// - Parameters:
  ///   - numbers: The number of each user, NaN for none. Equal numbers stay in one group, so that
  ///     groups may be fewer and of unequal size.
  ///   - groupCount: At least 1: 4 gives quartiles.
  public init(numbers: some Collection<Double>, groupCount: Int = 4) {
    precondition(groupCount >= 1, "\(groupCount) groups: at least 1")
    let ascending = numbers.filter { !$0.isNaN }.sorted()
    let quantiles = (1..<groupCount).compactMap { group in
      ascending.isEmpty ? nil : ascending[group * ascending.count / groupCount]
    }
    let edges = Set(quantiles).sorted()
    let bins = numbers.map { number in
      number.isNaN ? edges.count + 1 : edges.count { $0 <= number }
    }
    self.init(bins: bins) { Self.name(ofBin: $0, edges) }
  }

  private init(_ values: some Collection<Int>, edges: [Int]) {
    precondition(
      zip(edges, edges.dropFirst()).allSatisfy(<), "the edges \(edges) of groups do not ascend")
    self.init(bins: values.map { value in edges.count { $0 <= value } }) {
      Self.name(of: $0, edges)
    }
  }

  /// A group for each bin that has a member.
  private init(bins: [Int], name: (Int) -> String) {
    let used = Set(bins).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(used, Int32(0)...))
    names = used.map(name)
    members = bins.compactMap { places[$0] }
  }

  /// The name of the group between two edges, or before the first or after the last.
  private static func name(of bin: Int, _ edges: [Int]) -> String {
    if edges.isEmpty { return "all" }
    if bin == 0 { return "< \(edges[0])" }
    let first = edges[bin - 1]
    if bin == edges.count { return "≥ \(first)" }
    let last = edges[bin] - 1
    return first == last ? "\(first)" : "\(first)–\(last)"
  }

  /// The name of the group of numbers between two edges, or before the first or after the last, or
  /// of users without a number.
  private static func name(ofBin bin: Int, _ edges: [Double]) -> String {
    func brief(_ number: Double) -> String {
      Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }
    if bin > edges.count { return missingName }
    if edges.isEmpty { return "all" }
    if bin == 0 { return "< \(brief(edges[0]))" }
    let from = "≥ \(brief(edges[bin - 1]))"
    return bin == edges.count ? from : "\(from), < \(brief(edges[bin]))"
  }
}
