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
  /// By step the rank of each user's true item after the generated ones before it, from 1; `Int.max` where it
  /// is no candidate.
  public internal(set) var ranks: [[Int]]

  init(stepCount: Int) { ranks = [[Int]](repeating: [], count: stepCount) }
}
