import ArgumentParser
import Clseq

/// The moment of prediction, and the columns that the log may lack.
struct QuestionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "From when predictions look ahead; events from then on are left out.",
      discussion: """
        ISO 8601: 2022-06-30 or 2022-06-30T12:00:00Z. Models of users take the end of the run's own log \
        by default, other models each user's last event.
        """, valueName: "time"))
  var moment: Moment?
  @Option(
    help: ArgumentHelp(
      "Leave out so many of each user's last events.",
      discussion: """
        With 1 the question is that of the test of a split by leave-one-out, with 2 that of its \
        validation.
        """, valueName: "count"))
  var omitLast = 0
  @Flag(
    help: ArgumentHelp(
      "Take columns that the model was trained with, and the log lacks, for missing values."))
  var allowMissingColumns = false

  func validate() throws {
    guard omitLast >= 0 else {
      throw ValidationError("--omit-last is \(omitLast), and must be at least 0")
    }
  }

  /// A moment in microseconds since 1970.
  struct Moment: ExpressibleByArgument {
    let microseconds: Int64

    init?(argument: String) {
      guard case .time(let microseconds) = TimePoint(argument) else { return nil }
      self.microseconds = microseconds
    }
  }
}
