public import ClseqBase
public import ClseqData
import ClseqRuns
import ClseqSettings
import Foundation

/// The users of a log in groups of alike ones, by their vectors, and what is typical of each group.
public struct UserSegments: Encodable, Sendable {
  /// Numbers of segments that are tried where none is asked for.
  public static let triedCounts = 2...12
  /// The most items that are named of a segment.
  static let namedItems = 5

  /// A number of segments, and how well users are apart with it.
  public struct Trial: Encodable, Sendable {
    /// Segments.
    public let k: Int
    /// The mean silhouette, of at most ``Silhouette/mostVectors`` users.
    public let silhouette: Double
    /// The sum of squared distances to the centres.
    public let inertia: Double
  }

  /// What stands out in a segment: an item that its users have, or a type of its events.
  public struct Trait: Encodable, Sendable {
    /// The id.
    public let id: String
    /// What an item is called, where that is known.
    public let title: String?
    /// The share of the segment's users that have the item, or of its events that are of the type.
    public let share: Double
    /// That share over the share among all.
    public let lift: Double
  }

  /// A group of users.
  public struct Segment: Encodable, Sendable {
    /// From 1, the largest first.
    public let segment: Int
    /// Users.
    public let users: Int
    /// Their share of all users.
    public let share: Double
    /// Mean number of events of a user.
    public let events: Double
    /// The user whose vector is nearest to the centre.
    public let typicalUser: String
    /// Items that say most of the segment: the largest `p ln (p / q)` of the shares p here and q among all.
    public let items: [Trait]
    /// Event types, as far as the log has any, the most frequent first.
    public let types: [Trait]

    private enum CodingKeys: String, CodingKey {
      case segment, users, share, events, items, types
      case typicalUser = "typical_user"
    }
  }

  /// Number of segments.
  public let k: Int
  /// How well users are apart, of at most ``Silhouette/mostVectors`` users.
  public let silhouette: Double
  /// The numbers of segments that were tried; nil where one was asked for.
  public let tried: [Trial]?
  /// The groups, the largest first.
  public let segments: [Segment]
  /// The segment of each user, from 1, in the order of the dataset.
  public let segmentOfUser: [Int]
  /// The distance of each user's vector to the centre of the segment.
  public let distanceOfUser: [Double]
  /// Where each user is in the plane in which their vectors differ most; nil where it was not asked for.
  public let plane: PrincipalPlane?

  private enum CodingKeys: CodingKey { case k, silhouette, tried, segments }

  /// Finds the segments.
  ///
  /// - Parameters:
  ///   - model: A run, opened for the users' log.
  ///   - count: The number of segments; nil for that of ``triedCounts`` with the largest silhouette.
  ///   - reduction: How states become the vector of a user; nil for ``VectorRequest/Reduction/ofAllEvents(of:)``.
  ///   - seed: Of first centres and samples.
  ///   - hasPlane: Whether ``plane`` is computed.
  ///   - titles: The titles of items; nil for none.
  ///   - progress: Receives the progress.
  /// - Throws: `DataError.unfit` for fewer users than segments, and where a vector is not finite; as
  ///   ``TrainedModel/vectors(_:users:progress:_:)``.
  public init(
    of model: TrainedModel, count: Int? = nil, reducedTo reduction: VectorRequest.Reduction? = nil,
    seed: UInt64, hasPlane: Bool = false, titles: ItemTitles? = nil,
    progress: ProgressHandler? = nil
  ) throws {
    let dataset = model.dataset
    let counts =
      count.map { $0...$0 }
      ?? Self.triedCounts.lowerBound...min(Self.triedCounts.upperBound, dataset.userCount)
    guard counts.lowerBound >= 1, counts.upperBound <= dataset.userCount else {
      throw DataError.unfit(
        path: dataset.source.name,
        what: "it has \(dataset.userCount) users for \(counts.upperBound) segments",
        expected: "at most as many segments as users (--k)")
    }
    let width = model.vectorWidth
    var vectors: [Float] = []
    vectors.reserveCapacity(dataset.userCount * width)
    let request = VectorRequest(.users, reducedTo: reduction ?? .ofAllEvents(of: model.run))
    try model.vectors(request, progress: progress) {
      vectors += $0.values
    }
    if let bad = vectors.firstIndex(where: { !$0.isFinite }) {
      throw DataError.unfit(
        path: model.run.layout.path,
        what: "the vector of user '\(dataset.users[bad / width])' has a number that is not finite",
        expected: "a run whose training did not diverge")
    }
    let silhouette = Silhouette(vectors, width: width, seed: seed)
    let found = try counts.map { count in
      let means = try KMeans(vectors, width: width, count: count, seed: seed, on: model.backend)
      return (
        means,
        Trial(
          k: count, silhouette: silhouette.mean(means.clusters, count: count),
          inertia: means.inertia)
      )
    }
    // The first of equally good numbers, which is the smallest.
    let best = found.reduce(found[0]) { $1.1.silhouette > $0.1.silhouette ? $1 : $0 }
    (k, self.silhouette) = (best.1.k, best.1.silhouette)
    tried = count == nil ? found.map(\.1) : nil
    let clusters = OrderedClusters(best.0, vectors)
    segmentOfUser = clusters.numbers.map { $0 + 1 }
    distanceOfUser = clusters.distances
    plane = hasPlane ? PrincipalPlane(vectors, width: width) : nil
    segments = SegmentTraits(clusters, dataset, titles).segments
  }
}

/// Clusters by size, the largest first; of equally large ones the one with the first user.
private struct OrderedClusters {
  let count: Int
  /// The cluster of each user.
  let numbers: [Int]
  /// The distance of each user to the centre.
  let distances: [Double]

  init(_ means: KMeans, _ vectors: [Float]) {
    let width = means.width
    count = means.centres.count / width
    var sizes = [Int](repeating: 0, count: count)
    var firsts = [Int](repeating: .max, count: count)
    for (user, cluster) in means.clusters.enumerated() {
      sizes[Int(cluster)] += 1
      firsts[Int(cluster)] = min(firsts[Int(cluster)], user)
    }
    let order = sizes.indices.sorted { (-sizes[$0], firsts[$0]) < (-sizes[$1], firsts[$1]) }
    var places = [Int](repeating: 0, count: count)
    for (place, cluster) in order.enumerated() { places[cluster] = place }
    numbers = means.clusters.map { places[Int($0)] }
    distances = means.clusters.enumerated().map { user, cluster in
      (0..<width).reduce(0.0) {
        let difference =
          Double(vectors[user * width + $1]) - Double(means.centres[Int(cluster) * width + $1])
        return $0 + difference * difference
      }.squareRoot()
    }
  }
}

/// What is typical of clusters.
private struct SegmentTraits {
  private(set) var segments: [UserSegments.Segment] = []

  init(_ clusters: OrderedClusters, _ dataset: SequenceDataset, _ titles: ItemTitles?) {
    let (users, rows) = (dataset.userCount, dataset.vocabulary.count + 2)
    let typeCount = dataset.types?.count ?? 0
    var sizes = [Int](repeating: 0, count: clusters.count)
    var events = sizes
    var typical = [Int](repeating: -1, count: clusters.count)
    /// Users with an item, and events of a type, by cluster.
    var items = [[Int32]](repeating: [Int32](repeating: 0, count: rows), count: clusters.count)
    var types = [[Int]](repeating: [Int](repeating: 0, count: typeCount), count: clusters.count)
    for user in 0..<users {
      let cluster = clusters.numbers[user]
      let places = Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
      sizes[cluster] += 1
      events[cluster] += places.count
      let best = typical[cluster]
      if best < 0 || clusters.distances[user] < clusters.distances[best] { typical[cluster] = user }
      for item in Set(dataset.items[places]) { items[cluster][Int(item)] += 1 }
      guard let codes = dataset.events.types else { continue }
      for place in places where codes[place] >= 0 { types[cluster][Int(codes[place])] += 1 }
    }
    let typed = types.map { $0.reduce(0, +) }
    let allTyped = typed.reduce(0, +)
    segments = (0..<clusters.count).map { cluster in
      let size = Double(sizes[cluster])
      let traits = (1..<rows - 1).compactMap {
        item -> (score: Double, trait: UserSegments.Trait)? in
        let own = Double(items[cluster][item])
        guard own > 0 else { return nil }
        let all = items.reduce(0.0) { $0 + Double($1[item]) }
        let (p, q) = (own / size, all / Double(users))
        return (
          p * log(p / q),
          .init(
            id: dataset.vocabulary[item], title: titles?[Int32(item)], share: p, lift: p / q)
        )
      }
      let named = traits.enumerated().sorted {
        ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
      }.prefix(UserSegments.namedItems).map(\.element.trait)
      let shares = (0..<typeCount).compactMap { type -> UserSegments.Trait? in
        guard let tokens = dataset.types, typed[cluster] > 0, types[cluster][type] > 0 else {
          return nil
        }
        let p = Double(types[cluster][type]) / Double(typed[cluster])
        let q = Double(types.reduce(0) { $0 + $1[type] }) / Double(allTyped)
        return .init(id: tokens[type], title: nil, share: p, lift: p / q)
      }
      return UserSegments.Segment(
        segment: cluster + 1, users: sizes[cluster], share: size / Double(users),
        events: Double(events[cluster]) / size, typicalUser: dataset.users[typical[cluster]],
        items: named, types: shares.sorted { ($1.share, $0.id) < ($0.share, $1.id) })
    }
  }
}
