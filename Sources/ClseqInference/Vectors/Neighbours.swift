public import ClseqBase
public import ClseqData
import ClseqRuns
import ClseqSettings

/// The users, or items, that are most like one of them by the vectors of a run.
public struct Neighbours: Encodable, Sendable {
  /// A user or an item at its place.
  public struct Entry: Encodable, Sendable {
    /// From 1.
    public let rank: Int
    /// The id.
    public let id: String
    /// What an item is called, where that is known.
    public let title: String?
    /// Events of a user.
    public let events: Int?
    /// How near it is.
    public let similarity: Double
  }

  /// Whose neighbours they are.
  public let id: String
  /// What it is called, for an item, where that is known.
  public let title: String?
  /// How near two vectors are: `cosine` or `dot`.
  public let measure: String
  /// The others, the nearest first.
  public let neighbours: [Entry]

  /// The items whose vectors are nearest to that of an item. Items without a training event have random vectors.
  ///
  /// - Parameters:
  ///   - item: Its id.
  ///   - run: The run.
  ///   - count: The maximum number of neighbours.
  ///   - similarity: How near two vectors are.
  ///   - titles: The titles of items; nil for none.
  /// - Throws: `DataError.unknownToken` for an item that the model does not know; as
  ///   ``TrainedRun/itemVectors()``.
  public init(
    ofItem item: String, by run: TrainedRun, count: Int, _ similarity: NearestVectors.Similarity,
    titles: ItemTitles? = nil
  ) throws {
    guard let index = run.vocabulary.index(of: item).map({ Int($0) - 1 }) else {
      let nearest = run.nearestItem(to: item).map { ", perhaps '\($0)'" } ?? ""
      throw DataError.unknownToken(
        path: run.layout.path, token: item, expected: "an item that the model knows" + nearest)
    }
    let (values, width) = try run.itemVectors()
    func vector(_ row: Int) -> ArraySlice<Float> { values[row * width..<(row + 1) * width] }
    var nearest = NearestVectors(to: vector(index), count: count, by: similarity)
    for row in 0..<run.vocabulary.count where row != index { nearest.add(row, vector(row)) }
    (id, title, measure) = (item, titles?[Int32(index + 1)], similarity.rawValue)
    neighbours = nearest.found.enumerated().map { place, found in
      Entry(
        rank: place + 1, id: run.vocabulary[found.number + 1],
        title: titles?[Int32(found.number + 1)], events: nil, similarity: found.similarity)
    }
  }

  /// The users of a dataset whose vectors are nearest to that of one of them.
  ///
  /// - Parameters:
  ///   - user: The user's id.
  ///   - model: A run, opened for the dataset.
  ///   - count: The maximum number of neighbours.
  ///   - similarity: How near two vectors are.
  ///   - reduction: How states become a vector; as ``VectorRequest/reduction`` when nil.
  ///   - progress: Receives the progress.
  /// - Throws: `DataError.unknownToken` for a user that the dataset does not have; as
  ///   ``TrainedModel/vectors(_:users:progress:_:)``.
  public init(
    ofUser user: String, by model: TrainedModel, count: Int,
    _ similarity: NearestVectors.Similarity, reducedTo reduction: VectorRequest.Reduction? = nil,
    progress: ProgressHandler? = nil
  ) throws {
    let dataset = model.dataset
    guard let index = dataset.users.index(of: user).map(Int.init) else {
      throw DataError.unknownToken(
        path: dataset.source.name, token: user,
        expected: "a user with an event of an item that the model knows")
    }
    var query: [Float] = []
    let request = VectorRequest(.users, reducedTo: reduction)
    try model.vectors(request, users: index..<index + 1) { query = Array($0.values) }
    var nearest = NearestVectors(to: query, count: count, by: similarity)
    try model.vectors(request, progress: progress) {
      if $0.user != index { nearest.add($0.user, $0.values) }
    }
    (id, title, measure) = (user, nil, similarity.rawValue)
    neighbours = nearest.found.enumerated().map { place, found in
      Entry(
        rank: place + 1, id: dataset.users[found.number], title: nil,
        events: Int(dataset.offsets[found.number + 1] - dataset.offsets[found.number]),
        similarity: found.similarity)
    }
  }
}
