public import ArgumentParser
public import Clseq

/// The number of items to rank, and whether seen ones are among them.
struct RankingOptions: ParsableArguments {
  @Option(help: "Number of items to rank (default: 10).") var top: Int?
  @Option(help: "Whether items of the history are candidates (default: as the run was scored).")
  var seen: SeenRule?

  func validate() throws {
    if let top, top < 1 { throw ValidationError("--top is \(top), and must be at least 1") }
  }

  /// Warns of options about rankings that were given for a model that ranks no items.
  func warnWhereIdle(_ others: [(option: String, isGiven: Bool)], _ settings: ResolvedSettings) {
    Console.warnOfIdleRanking(
      [(option: "--top", isGiven: top != nil), ("--seen", seen != nil)] + others, settings)
  }

  /// The ranking that the options request. Warns of unknown items among those allowed or denied.
  ///
  /// - Parameters:
  ///   - allowed: The only items that may be ranked; nil for all.
  ///   - denied: Items that may not.
  ///   - settings: Say whether warnings are written.
  func request(
    allowed: TrainedRun.NamedItems?, denied: TrainedRun.NamedItems?, _ settings: ResolvedSettings
  ) -> RankingRequest {
    var request = RankingRequest()
    request.count = top ?? 10
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
