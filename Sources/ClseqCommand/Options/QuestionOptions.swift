import ArgumentParser
import Clseq

/// From when a model is asked to look ahead, and what the log may lack.
struct QuestionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "From when predictions look ahead; events from then on are left out.",
      discussion: """
        ISO 8601: 2022-06-30 or 2022-06-30T12:00:00Z. Models of users take the end of the run's own log \
        by default, other models each user's last event.
        """, valueName: "time"))
  var moment: Moment?
  @Flag(
    help: ArgumentHelp(
      "Take columns that the model was trained with, and the log lacks, for missing values."))
  var allowMissingColumns = false

  /// A moment in microseconds since 1970.
  struct Moment: ExpressibleByArgument {
    let microseconds: Int64

    init?(argument: String) {
      guard case .time(let microseconds) = TimePoint(argument) else { return nil }
      self.microseconds = microseconds
    }
  }
}
