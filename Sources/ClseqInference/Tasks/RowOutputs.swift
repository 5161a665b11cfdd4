/// The outputs of a head for the events, or users, with a target in examples, in the order of the
/// dataset; flat, since there may be tens of millions.
package struct RowOutputs: Sendable {
  /// C: outputs of a row.
  package let width: Int
  /// Index of each row's user in the dataset.
  package private(set) var users: [Int32] = []
  /// Place of each row's event in the dataset.
  package private(set) var places: [Int] = []
  /// C outputs a row.
  package private(set) var values: [Float] = []

  /// - Parameter width: C.
  init(width: Int) { self.width = width }

  /// The number of rows.
  package var count: Int { users.count }

  /// Adds a row after the others.
  mutating func append(user: Int32, place: Int, _ row: ArraySlice<Float>) {
    users.append(user)
    places.append(place)
    values.append(contentsOf: row)
  }
}
