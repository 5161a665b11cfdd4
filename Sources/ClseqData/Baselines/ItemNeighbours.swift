import ClseqBase

/// The k items most like each item, by the cosine over the users of the training parts.
struct ItemNeighbours: Sendable {
  /// The neighbours of all items one after another, the most like first.
  private(set) var items: [Int32] = []
  /// The likeness of each of `items`. Sums of them in Double are exact for histories of any
  /// ordinary length, so scores do not depend on the order of summation.
  private(set) var likeness: [Float] = []
  /// By item index.
  private var offsets = [0, 0]

  /// - Parameters:
  ///   - count: k.
  ///   - shrinkage: The shrinkage, which is added to the denominator of the cosine.
  init(_ split: Split, count: Int, shrinkage: Double) {
    var itemsOfUser = ItemLists()
    for user in 0..<split.dataset.userCount {
      itemsOfUser.append(
        Self.distinct(split.training(of: user).filter { $0 <= split.dataset.itemCount }))
    }
    let usersOfItem = ItemLists(rowCount: split.dataset.itemCount + 1) { take in
      for user in 0..<itemsOfUser.rowCount {
        for item in itemsOfUser[user] { take(Int(item), Int32(user)) }
      }
    }
    var shared = [Int32](repeating: 0, count: split.dataset.itemCount + 1)
    var met: [Int32] = []
    for item in 1..<split.dataset.itemCount + 1 {
      let users = usersOfItem[item]
      for user in users {
        for other in itemsOfUser[Int(user)] {
          if shared[Int(other)] == 0 { met.append(other) }
          shared[Int(other)] += 1
        }
      }
      var nearest = NearestItems(count: min(count, split.dataset.itemCount))
      for other in met {
        let product = Double(users.count) * Double(usersOfItem[Int(other)].count)
        let cosine = Double(shared[Int(other)]) / (product.squareRoot() + shrinkage)
        if Int(other) != item { nearest.offer(other, Float(cosine)) }
        shared[Int(other)] = 0
      }
      met.removeAll(keepingCapacity: true)
      append(nearest.finish())
    }
  }

  /// The range of an item's neighbours in `items` and `likeness`.
  func range(of item: Int32) -> Range<Int> {
    offsets[Int(item)]..<offsets[Int(item) + 1]
  }

  private mutating func append(_ nearest: [(item: Int32, likeness: Float)]) {
    items += nearest.map(\.item)
    likeness += nearest.map(\.likeness)
    offsets.append(items.count)
  }

  /// The items of a list, ascending, each once.
  private static func distinct(_ items: [Int32]) -> [Int32] {
    var result: [Int32] = []
    for item in items.sorted() where item != result.last { result.append(item) }
    return result
  }
}
