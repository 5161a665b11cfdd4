import ClseqBase

/// The items that a target is ranked among.
enum RankedItems {
  /// All but these, which ascend and are distinct; the target is not one of them.
  case allBut([Int32])
  /// The target and these, which are distinct.
  case only([Int32])

  /// The number of them, the target included.
  ///
  /// - Parameter itemCount: V.
  func count(of itemCount: Int) -> Int {
    switch self {
    case .allBut(let excluded): itemCount - excluded.count
    case .only(let candidates): candidates.count + 1
    }
  }

  /// Whether an item other than the target is one of them.
  func contains(_ item: Int32) -> Bool {
    switch self {
    case .allBut(let excluded): !excluded.containsAscending(item)
    case .only(let candidates): candidates.contains(item)
    }
  }
}
