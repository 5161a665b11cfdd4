/// The events that statistics of inputs are taken from: those of training, where there is a split.
struct FittingEvents {
  private let dataset: SequenceDataset
  private let split: Split?

  /// - Parameter split: Of the dataset; nil for all events.
  init(of dataset: SequenceDataset, _ split: Split?) {
    self.dataset = dataset
    self.split = split
  }

  /// Calls a body with the places of each user's events.
  private func forEachStretch(_ body: (_ user: Int, _ places: Range<Int>) -> Void) {
    for user in 0..<dataset.userCount {
      body(user, split?.training(of: user).indices ?? dataset[user].indices)
    }
  }

  /// Calls a body with what a column holds of each of them.
  func forEachValue(of column: Column<Double>, _ take: (Double) -> Void) {
    forEachStretch { _, places in for place in places { take(column[place]) } }
  }

  /// Features with statistics of these events.
  func features(_ features: [Feature]) -> [Feature] {
    guard split != nil else { return features }
    return features.map { feature in
      guard let index = dataset.features.firstIndex(of: feature) else { return feature }
      return feature.fitted { take in
        forEachValue(of: dataset.events.features[index], take)
      }
    }
  }

  /// The types that occur.
  func types(_ names: TokenTable) -> [String] {
    var occurs = [Bool](repeating: split == nil, count: names.count)
    if split != nil, let types = dataset.events.types {
      forEachStretch { for type in types[$1] where type >= 0 { occurs[Int(type)] = true } }
    }
    return occurs.indices.filter { occurs[$0] }.map { names[$0] }
  }

  /// The rows of items that occur, ascending; nil for all.
  var items: [Int]? {
    split.map { split in
      let counts = split.trainingCounts
      return counts.indices.dropFirst().filter { counts[$0] > 0 }.map { $0 - 1 }
    }
  }

  /// The rows of users with such an event, ascending; nil for all.
  var users: [Int]? {
    split.map { split in (0..<dataset.userCount).filter { !split.training(of: $0).isEmpty } }
  }
}
