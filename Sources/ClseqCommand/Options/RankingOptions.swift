public import ArgumentParser
public import Clseq

/// How many items are told, and whether seen ones are among them.
struct RankingOptions: ParsableArguments {
  @Option(help: "Items that are told.") var top = 10
  @Option(help: "Whether items of the history are candidates (default: as the run was scored).")
  var seen: SeenRule?

  func validate() throws {
    guard top >= 1 else { throw ValidationError("--top is \(top), and must be at least 1") }
  }

  /// The ranking that is asked for. Items that are allowed or denied and unknown are told.
  ///
  /// - Parameters:
  ///   - allowed: The only items that may be told; nil for all.
  ///   - denied: Items that may not.
  ///   - settings: Whether anything is told.
  func request(
    allowed: TrainedRun.NamedItems?, denied: TrainedRun.NamedItems?, _ settings: TrainingSettings
  ) -> RankingRequest {
    var request = RankingRequest()
    request.count = top
    request.seen = seen
    request.allowed = allowed.map { Set($0.known) }
    request.denied = Set(denied?.known ?? [])
    for (option, items) in [("--allow", allowed), ("--deny", denied)] {
      guard let unknown = items?.unknown, !unknown.isEmpty else { continue }
      let names = unknown.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
      Console.warn(
        "\(option) has items that the model does not know: \(names)"
          + (unknown.count > 3 ? " and \(unknown.count - 3) more" : ""),
        settings)
    }
    return request
  }
}

extension SeenRule: ExpressibleByArgument {}
