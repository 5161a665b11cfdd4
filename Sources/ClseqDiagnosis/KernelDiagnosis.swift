public import ClseqOps
public import ClseqRuntime

/// Runs every kernel on small cases and compares the results with the reference: a driver may
/// miscompile some kernels.
public struct KernelDiagnosis: Encodable, Sendable {
  /// The outcome of one case.
  public struct Outcome: Encodable, Sendable {
    /// Name of the case.
    public let name: String
    /// Form of the kernels.
    public let tuning: String
    /// The kernels that ran.
    public let kernels: [String]
    /// Differences from the reference, the first element of each result; or why the case could not
    /// run. Empty if there is none.
    public let faults: [String]
  }

  /// The outcome of every case in every given tuning.
  public let outcomes: [Outcome]

  /// Kernels that ran in a case with faults, and in no case without faults.
  public var suspects: [String] {
    let sound = outcomes.filter(\.faults.isEmpty).flatMap(\.kernels)
    let faulty = outcomes.filter { !$0.faults.isEmpty }.flatMap(\.kernels)
    return Set(faulty).subtracting(sound).sorted()
  }

  /// The tolerance relative to the largest value of a result: sums of a few dozen products, in
  /// another order.
  static let tolerance: Float = 1e-4

  /// - Parameters:
  ///   - device: The device.
  ///   - tunings: The forms of the kernels to check.
  ///   - sourceFolder: Kernel sources in place of those built in; nil for these.
  ///   - progress: Called with each outcome.
  /// - Throws: `OpenCLError` where the device cannot be opened.
  public init(
    of device: Device, tunings: [Tuning], sourceFolder: String? = nil,
    progress: (Outcome) -> Void = { _ in }
  ) throws {
    var outcomes: [Outcome] = []
    for tuning in tunings {
      for kernelCase in KernelCase.allCases {
        let context = try Context(device, profiling: true, sourceFolder: sourceFolder)
        outcomes.append(try Self.outcome(of: kernelCase, tuning, in: context))
        progress(outcomes[outcomes.count - 1])
      }
    }
    self.outcomes = outcomes
  }

  private static func outcome(
    of kernelCase: KernelCase, _ tuning: Tuning, in context: Context
  ) throws -> Outcome {
    var faults: [String]
    do {
      let found = try kernelCase.results(on: Backend(context, tuning: tuning))
      let expected = try kernelCase.results(on: .reference())
      faults = Self.faults(found, expected)
    } catch let error as OpenCLError {
      faults = ["it does not run: \(error)"]
    }
    let kernels = try context.profile?.table().map(\.kernel).sorted() ?? []
    return Outcome(
      name: kernelCase.rawValue, tuning: tuning.description, kernels: kernels, faults: faults)
  }

  /// Where results differ from those expected, or are missing.
  package static func faults(_ found: [CaseResult], _ expected: [CaseResult]) -> [String] {
    guard found.map(\.name) == expected.map(\.name) else {
      return ["it has \(found.count) results, not \(expected.count), or other ones"]
    }
    return zip(found, expected).compactMap(fault)
  }

  /// A description of the first element that differs.
  private static func fault(_ found: CaseResult, _ expected: CaseResult) -> String? {
    guard found.values.count == expected.values.count else {
      return "\(found.name): \(found.values.count) values, not \(expected.values.count)"
    }
    let bound = tolerance * max(1e-3, expected.values.reduce(0) { max($0, abs($1)) })
    let place = zip(found.values, expected.values).enumerated().first {
      !(abs($0.element.0 - $0.element.1) <= bound) && $0.element.0 != $0.element.1
    }
    return place.map {
      "\(found.name): element \($0.offset) is \($0.element.0), not \($0.element.1)"
    }
  }
}
