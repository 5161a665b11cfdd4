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
  static func target(_ name: String) -> (any FuzzTarget)? {
    switch name {
    case "csv": LogTarget(.csv)
    case "tsv": LogTarget(.tsv)
    case "jsonl": LogTarget(.jsonLines)
    case "inter": LogTarget(.inter)
    case "dat": LogTarget(.movieLensDat)
    case "udata": LogTarget(.movieLensTab)
    case "events": LogTarget(.events)
    case "sequences": LogTarget(.sequences)
    case "auto": LogTarget(nil)
    case "sqlite": SQLiteTarget()
    case "users-csv": AttributeTarget(name: "users.csv")
    case "users-jsonl": AttributeTarget(name: "users.jsonl")
    case "users-atomic": AttributeTarget(name: "log.user")
    case "gzip": CompressionTarget(.gzip)
    case "zstd": CompressionTarget(.zstd)
    case "time": TimeTarget()
    case "number": NumberTarget()
    case "vocabulary": VocabularyTarget()
    case "dataset": DatasetTarget()
    case "parameters": ParametersTarget()
    case "config": ConfigTarget()
    case "run": RunTarget()
    case "planted-trap": PlantedTrap()
    case "planted-overrun": PlantedOverrun()
    case "planted-leak": PlantedLeak()
    default: nil
    }
  }
}
