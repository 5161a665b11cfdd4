extension RandomAccessCollection where Index == Int {
  /// The first index whose element fulfils a condition that holds from some index on.
  @inlinable package func partitioningIndex(where condition: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension RandomAccessCollection where Element: Comparable, Index == Int {
  /// Whether an element is in this ascending collection; takes logarithmic time.
  @inlinable package func containsAscending(_ element: Element) -> Bool {
    let place = partitioningIndex { $0 >= element }
    return place < endIndex && self[place] == element
  }
}
