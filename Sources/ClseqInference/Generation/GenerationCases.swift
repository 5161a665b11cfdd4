/// What a model generated for the users of a part, beside what they did.
public struct GenerationCases: Sendable {
  /// The users, by index in the dataset.
  public internal(set) var users: [Int] = []
  /// The places of the true events of each in the dataset.
  public internal(set) var places: [Range<Int>] = []
  /// The generated items of each user.
  public internal(set) var generated: [[Int32]] = []
  /// As many true items of each.
  public internal(set) var truths: [[Int32]] = []
  /// The generated types of each, of a run that predicts them.
  public internal(set) var types: [[String?]] = []
  /// The true ones, nil where one is not known.
  public internal(set) var trueTypes: [[String?]] = []
  /// By step the rank of each user's true item after the generated ones before it, from 1; `Int.max` where it
  /// is no candidate.
  public internal(set) var ranks: [[Int]]

  init(stepCount: Int) { ranks = [[Int]](repeating: [], count: stepCount) }

  /// The share of users whose type at a step is the true one, of those whose true type is known; nil of a run that
  /// predicts none, and where none is known. A user without an item left at the step counts as wrong.
  ///
  /// - Parameter step: From 0.
  public func typeAccuracy(ofStep step: Int) -> Double? {
    let known = zip(types, trueTypes).filter { $1[step] != nil }
    guard !known.isEmpty else { return nil }
    let right = known.count { $0.count > step && $0[step] == $1[step] }
    return Double(right) / Double(known.count)
  }
}
