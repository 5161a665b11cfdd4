@testable import ClseqData

/// A parser under the fuzzer.
///
/// What must not happen: a trap, an access outside an allocation, a leak, more than half a gigabyte
/// of memory, ten seconds for one input. That a parser throws nothing but its own error, its typed
/// throws already prove. What a target knows beyond that, it says by ``require(_:_:)``.
protocol FuzzTarget {
  /// Lets the parser have an input.
  func run(_ input: [UInt8])
}

extension FuzzTarget {
  /// Ends the program if a property does not hold; the fuzzer then keeps the input.
  func require(_ condition: Bool, _ property: @autoclosure () -> String) {
    if !condition { fatalError("\(Self.self): \(property())") }
  }
}

/// Every target by the name that `Scripts/fuzz` takes.
enum FuzzCatalogue {
  private static let targets: [String: @Sendable () -> any FuzzTarget] = [
    "csv": { LogTarget(.csv) }, "tsv": { LogTarget(.tsv) }, "jsonl": { LogTarget(.jsonLines) },
    "inter": { LogTarget(.inter) }, "dat": { LogTarget(.movieLensDat) },
    "udata": { LogTarget(.movieLensTab) }, "events": { LogTarget(.events) },
    "sequences": { LogTarget(.sequences) }, "auto": { LogTarget(nil) },
    "sqlite": { SQLiteTarget() },
    "users-csv": { AttributeTarget(name: "users.csv") },
    "users-jsonl": { AttributeTarget(name: "users.jsonl") },
    "users-atomic": { AttributeTarget(name: "log.user") },
    "gzip": { CompressionTarget(.gzip) }, "zstd": { CompressionTarget(.zstd) },
    "time": { TimeTarget() }, "number": { NumberTarget() }, "vocabulary": { VocabularyTarget() },
    "dataset": { DatasetTarget() }, "parameters": { ParametersTarget() },
    "config": { ConfigTarget() }, "run": { RunTarget() },
  ]
  /// Errors that a fuzzer has to find.
  private static let planted: [String: @Sendable () -> any FuzzTarget] = [
    "planted-trap": { PlantedTrap() }, "planted-overrun": { PlantedOverrun() },
    "planted-leak": { PlantedLeak() },
  ]

  /// The targets without planted errors, in ascending order.
  static let names = targets.keys.sorted()

  static func target(_ name: String) -> (any FuzzTarget)? { (targets[name] ?? planted[name])?() }
}
