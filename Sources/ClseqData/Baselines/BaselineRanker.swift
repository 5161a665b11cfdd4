/// A ranker without training in steps, fitted on the training parts of a split.
///
/// Every score needs a neighbour that costs nothing: a model that does not beat these has learned
/// nothing that counting would not have told. Ferrari Dacrema, Cremonesi, Jannach, Are we really
/// making much progress?, RecSys 2019, found that many published models do not.
///
/// The house's protocol holds for all: the candidates are those of ``Split/exclusions(of:for:)``, a
/// target that is none of them has the rank `Int.max`, and an item that scores like the target counts
/// against it. What is counted comes from
/// the training parts alone; the history that a user is ranked by is
/// ``Split/history(of:for:)``, which before the test target holds the validation event.
public protocol BaselineRanker: Sendable {
  /// Name and settings in one line, for tables and passports.
  var title: String { get }

  /// The rank of each user's target, from 1, in the order of the dataset.
  func ranks(for part: Split.Part) -> [Int]
}
