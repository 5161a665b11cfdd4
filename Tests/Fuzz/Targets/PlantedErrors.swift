// Parsers with a known fault each, which the fuzzer has to find before its silence about the others
// means anything.

/// Forgets that a line may end after its mark.
struct PlantedTrap: FuzzTarget {
  func run(_ input: [UInt8]) {
    guard input.starts(with: "u,i".utf8) else { return }
    require(input[3] != 0, "a separator follows")
  }
}

/// Reads a byte behind the end of its memory, which nothing but the address sanitizer sees.
struct PlantedOverrun: FuzzTarget {
  func run(_ input: [UInt8]) {
    guard input.starts(with: "u,i".utf8) else { return }
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: input.count)
    defer { memory.deallocate() }
    memory.initialize(from: input, count: input.count)
    require(memory[input.count] != 1 || memory[0] != 1, "no text begins and ends with 1")
  }
}

/// Forgets to give memory back.
struct PlantedLeak: FuzzTarget {
  func run(_ input: [UInt8]) {
    guard input.starts(with: "u,i".utf8) else { return }
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: input.count)
    memory.initialize(from: input, count: input.count)
    require(memory[0] != 1, "no text begins with 1")
  }
}
