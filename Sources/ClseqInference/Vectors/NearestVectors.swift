/// Finds the vectors that are nearest to one of them, among any number that are looked at one after another; no more
/// than those found are in memory.
public struct NearestVectors: Sendable {
  /// How near two vectors are; more is nearer.
  public enum Similarity: String, Sendable, CaseIterable {
    /// The cosine of the angle between them; 0 where one of them is 0.
    case cosine
    /// Their product.
    case dot
  }

  /// A vector that was found.
  public struct Found: Equatable, Sendable {
    /// Its number, as it was added.
    public let number: Int
    /// How near it is.
    public let similarity: Double
  }

  private let query: [Double]
  private let similarity: Similarity
  private let count: Int
  private let queryNorm: Double
  /// The nearest so far, the nearest first; of equally near ones the first that was added.
  public private(set) var found: [Found] = []

  /// - Parameters:
  ///   - query: `[D]`.
  ///   - count: The maximum number to find.
  ///   - similarity: How near two vectors are.
  public init(to query: some Collection<Float>, count: Int, by similarity: Similarity) {
    precondition(count > 0, "NearestVectors: \(count)")
    self.query = query.map(Double.init)
    (self.count, self.similarity) = (count, similarity)
    queryNorm = self.query.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// Looks at a vector.
  ///
  /// - Parameters:
  ///   - number: What it is called in ``found``.
  ///   - values: `[D]`.
  public mutating func add(_ number: Int, _ values: some Collection<Float>) {
    precondition(
      values.count == query.count, "NearestVectors: \(values.count) numbers, not \(query.count)")
    var (product, square) = (0.0, 0.0)
    for (left, right) in zip(query, values) {
      product += left * Double(right)
      square += Double(right) * Double(right)
    }
    let norms = queryNorm * square.squareRoot()
    let value = similarity == .dot ? product : norms > 0 ? product / norms : 0
    guard value.isFinite else { return }
    if found.count == count, let last = found.last, value <= last.similarity { return }
    let place = found.firstIndex { $0.similarity < value } ?? found.count
    found.insert(Found(number: number, similarity: value), at: place)
    if found.count > count { found.removeLast() }
  }
}
