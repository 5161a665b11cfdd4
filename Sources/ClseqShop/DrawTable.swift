/// Discrete distributions to draw from in a step or two, however many outcomes they have.
///
/// A row holds the running sums of its weights, and beside each a guide: where the search starts
/// for uniform numbers of that part of [0, 1). Source: Chen and Asau, On generating random variates
/// from an empirical distribution, AIIE Transactions 6 (1974), the indexed search.
struct DrawTable: Sendable {
  /// The running sums of one row after another.
  private var sums: [Double] = []
  /// [start of row + k] the first place of the row whose sum is above k / count of the whole.
  private var guide: [Int32] = []
  /// Where each row starts, and last where they end.
  private var starts = [0]

  /// - Parameter rows: Weights, none negative and not all zero; no row is empty.
  init(rows: [[Double]]) {
    for row in rows {
      var sum = 0.0
      let start = sums.count
      for weight in row {
        sum += weight
        sums.append(sum)
      }
      var place = 0
      for cell in row.indices {
        let level = Double(cell) / Double(row.count) * sum
        while place < row.count - 1 && sums[start + place] <= level { place += 1 }
        guide.append(Int32(place))
      }
      starts.append(sums.count)
    }
  }

  /// The place in a row where a uniform number of [0, 1) falls: the first whose running sum is
  /// above that share of the whole.
  func place(_ u: Double, row: Int) -> Int {
    let (start, end) = (starts[row], starts[row + 1])
    let count = end - start
    let level = u * sums[end - 1]
    var place = Int(guide[start + min(count - 1, Int(u * Double(count)))])
    // The guide's levels are rounded, so the place may lie before it.
    while place > 0 && sums[start + place - 1] > level { place -= 1 }
    while place < count - 1 && sums[start + place] <= level { place += 1 }
    return place
  }
}
