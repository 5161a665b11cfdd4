// What libFuzzer calls. The program's first argument names the target; the rest is libFuzzer's.

/// The target under test.
nonisolated(unsafe) private var target: any FuzzTarget = PlantedTrap()

/// Takes the target's name from the arguments.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ argumentCount: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> Int32 {
  guard argumentCount.pointee > 1, let name = arguments.pointee[1].map({ String(cString: $0) }),
    let named = FuzzCatalogue.target(name)
  else { fatalError("the first argument must name a target") }
  target = named
  // The program's name goes where the target's was.
  arguments.pointee[1] = arguments.pointee[0]
  arguments.pointee += 1
  argumentCount.pointee -= 1
  return 0
}

/// Runs the target on one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
