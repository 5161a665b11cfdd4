import ArgumentParser
import Clseq

/// Several next events of each user, and how their items are chosen.
struct GenerationOptions: ParsableArguments {
  /// How items are chosen.
  enum Decode: String, CaseIterable, ExpressibleByArgument {
    case greedy, beam, sample
  }

  /// What `--beams` is where it is not given.
  private static let usualBeams = 4

  @Option(
    help: ArgumentHelp(
      "Predict so many next events of each user, one after another, by a model that ranks items.",
      discussion: """
        A line per user and step, with the likeliest type if the run predicts types. The score is \
        the item's probability among the items that could be chosen. With --seen exclude no item is \
        predicted twice.
        """, valueName: "count"))
  var steps: Int?
  @Option(
    help: ArgumentHelp(
      "How the items of --steps are chosen (default: greedy).",
      discussion: """
        greedy: the likeliest item of each step. beam: the likeliest sequence that a search finds. sample: \
        at random.
        """, valueName: Decode.allCases.map(\.rawValue).joined(separator: "|")))
  var decode: Decode?
  @Option(
    help: ArgumentHelp(
      "Sequences of a user that --decode beam keeps after each step (default: 4).",
      valueName: "count"))
  var beams: Int?
  @Option(
    help: ArgumentHelp(
      "The number of likeliest items that --decode sample draws from (default: all).",
      valueName: "count"))
  var topK: Int?
  @Option(
    help: ArgumentHelp(
      "The probability of the likeliest items that --decode sample draws from (default: 1, all).",
      valueName: "share"))
  var topP: Double?
  @Option(
    help: ArgumentHelp(
      "Divides the scores before --decode sample draws: below 1 likely items become likelier (default: 1).",
      valueName: "number"))
  var temperature: Double?
  @Option(
    help: ArgumentHelp(
      "The seed of the draws of --decode sample (default: the run's).", valueName: "number"))
  var seed: UInt64?

  func validate() throws {
    func check(_ name: String, _ isRight: Bool?, _ value: Any?, _ expected: String) throws {
      guard isRight == false, let value else { return }
      throw ValidationError("--\(name) is \(value), and must be \(expected)")
    }
    try check("steps", steps.map((1...1_000).contains), steps, "1 to 1000")
    try check("beams", beams.map((1...1_000).contains), beams, "1 to 1000")
    try check("top-k", topK.map { $0 >= 1 }, topK, "at least 1")
    try check("top-p", topP.map { $0 > 0 && $0 <= 1 }, topP, "above 0 and at most 1")
    try check(
      "temperature", temperature.map { $0 > 0 && $0.isFinite }, temperature, "above 0")
  }

  /// The request that the options make; nil without `--steps`.
  ///
  /// - Parameters:
  ///   - ranking: Which items may be chosen.
  ///   - seed: That of the run.
  func request(choosing ranking: RankingRequest, seed: UInt64) -> GenerationRequest? {
    guard let steps else { return nil }
    var request = GenerationRequest(stepCount: steps)
    (request.allowed, request.denied) = (ranking.allowed, ranking.denied)
    request.seen = ranking.seen
    switch decode ?? .greedy {
    case .greedy: break
    case .beam: request.decoding = .beam(width: beams ?? Self.usualBeams)
    case .sample:
      var rule = SamplingRule(seed: self.seed ?? seed)
      (rule.topCount, rule.topShare) = (topK, topP ?? rule.topShare)
      rule.temperature = temperature ?? rule.temperature
      request.decoding = .sampling(rule)
    }
    return request
  }

  /// Warns of options of generation that were given without effect, and of others that have none with it.
  func warnWhereIdle(
    _ others: [(option: String, isGiven: Bool)], _ settings: ResolvedSettings
  ) {
    func warn(_ options: [(option: String, isGiven: Bool)], _ reason: String) {
      for option in options where option.isGiven {
        Console.warn("\(option.option) has no effect\(reason)", settings)
      }
    }
    let ofDraws = [
      ("--top-k", topK != nil), ("--top-p", topP != nil), ("--temperature", temperature != nil),
      ("--seed", seed != nil),
    ]
    let ofBeams = [("--beams", beams != nil)]
    guard steps != nil else {
      return warn([("--decode", decode != nil)] + ofBeams + ofDraws, ": it is for --steps")
    }
    if decode != .beam { warn(ofBeams, ": it is for --decode beam") }
    if decode != .sample { warn(ofDraws, ": it is for --decode sample") }
    warn(others, " with --steps")
  }
}
