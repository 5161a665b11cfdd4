/// The cheapest way to go through two sequences side by side, each step of which goes on in one of them or in both
/// (dynamic time warping).
///
/// `D(i, j) = d(i, j) + min(D(i−1, j−1), D(i−1, j), D(i, j−1))`. With a band, places are matched that are at most so far
/// apart, where the longer sequence is drawn together to the length of the shorter one. Source: Sakoe and Chiba, "Dynamic
/// programming algorithm optimization for spoken word recognition" (IEEE Transactions on Acoustics, Speech and Signal
/// Processing, 1978), the symmetric form without weights.
public struct TimeWarping: Sendable {
  /// The matched places, from the first of both to the last of both.
  public let path: [(first: Int, second: Int)]
  /// The sum of the distances along the path.
  public let cost: Double

  /// The mean distance of matched places.
  public var meanDistance: Double { cost / Double(path.count) }

  /// Finds the cheapest path; of equally cheap ones the one that goes on in both, then in the first.
  ///
  /// - Parameters:
  ///   - counts: The lengths n and m, at least 1. Takes `8 n m` bytes.
  ///   - band: How far apart matched places may be, at least 0; nil for any.
  ///   - distance: Of a place of the first and one of the second, from 0; at least 0.
  public init(
    _ counts: (first: Int, second: Int), band: Int? = nil,
    _ distance: (_ first: Int, _ second: Int) -> Double
  ) {
    let (n, m) = counts
    precondition(n > 0 && m > 0 && band ?? 0 >= 0, "TimeWarping: \(n) by \(m)")
    let longest = Double(max(n, m))
    func isInside(_ i: Int, _ j: Int) -> Bool {
      guard let band else { return true }
      // Places as shares of their sequences, in units of the shorter one; one step of the longer is always inside.
      let scale = Double(min(n, m))
      let apart = abs((Double(i) + 0.5) / Double(n) - (Double(j) + 0.5) / Double(m)) * scale
      return apart <= Double(band) + 0.5 + 0.5 / longest
    }
    var costs = [Double](repeating: .infinity, count: n * m)
    func cost(_ i: Int, _ j: Int) -> Double { i < 0 || j < 0 ? .infinity : costs[i * m + j] }
    for i in 0..<n {
      for j in 0..<m where isInside(i, j) {
        let before = i == 0 && j == 0 ? 0 : min(cost(i - 1, j - 1), cost(i - 1, j), cost(i, j - 1))
        costs[i * m + j] = before + distance(i, j)
      }
    }
    var (i, j) = (n - 1, m - 1)
    var path = [(first: i, second: j)]
    while i > 0 || j > 0 {
      let (both, first, second) = (cost(i - 1, j - 1), cost(i - 1, j), cost(i, j - 1))
      if both <= first, both <= second {
        (i, j) = (i - 1, j - 1)
      } else if first <= second {
        i -= 1
      } else {
        j -= 1
      }
      path.append((i, j))
    }
    self.path = path.reversed()
    self.cost = costs[n * m - 1]
  }
}
