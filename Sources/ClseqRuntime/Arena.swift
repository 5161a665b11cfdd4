/// Device memory for the tensors of a step: a few big buffers, reserved once, from which ranges
/// are taken and given back in any order.
///
/// A range is taken from the first gap that is large enough. Reusing a range needs no wait as long
/// as only the compute queue uses the arena: it runs in order. Memory that the upload queue writes
/// belongs in a separate `DeviceBuffer`. A *counting* arena hands out ranges without memory; after
/// a dry run of a step it knows how much a real arena must reserve to run the step without growing.
public final class Arena {
  /// Ranges start at multiples of this many bytes, the coarsest alignment among OpenCL devices.
  public static let alignment = 512

  /// How ranges are handed out. All but `reused` cost time and memory, and serve to find errors in
  /// kernels.
  public enum Ranges: Equatable, Sendable {
    /// A range that was given back is handed out again.
    case reused
    /// Every range is a separate buffer of exactly the bytes asked for, and is never handed out
    /// again: a checker of memory accesses sees where it ends and which bytes were written.
    case separate
    /// Every range is filled with a value before it is handed out: results that differ between two
    /// values depend on memory that no kernel has written.
    case filled(UInt32)
  }

  package struct Range {
    package var chunk: Int
    package var offset: Int
    /// A multiple of `alignment`, unless the range is a separate buffer.
    package var byteCount: Int
  }

  private struct Gap {
    var offset: Int
    var byteCount: Int
  }

  private final class Chunk {
    /// Nil in a counting arena.
    let allocation: DeviceAllocation?
    let byteCount: Int
    /// By offset; never adjacent, never empty.
    var gaps: [Gap]
    var highWater = 0

    init(_ allocation: DeviceAllocation?, byteCount: Int) {
      self.allocation = allocation
      self.byteCount = byteCount
      gaps = byteCount > 0 ? [Gap(offset: 0, byteCount: byteCount)] : []
    }

    /// Whether none of its ranges is in use.
    var isIdle: Bool { gaps.count == 1 && gaps[0].byteCount == byteCount }
  }

  /// Whether ranges have no memory.
  public let isCounting: Bool
  /// How ranges are handed out.
  public let ranges: Ranges
  /// Bytes taken and not yet given back.
  public private(set) var inUse = 0
  private let context: Context
  private let growthByteCount: Int
  private var chunks: [Chunk] = []

  /// An arena that grows when a range fits nowhere.
  ///
  /// - Parameters:
  ///   - context: the context of the device.
  ///   - counting: whether to hand out ranges without memory.
  ///   - ranges: how ranges are handed out; ignored when counting.
  ///   - growthByteCount: bytes of the first buffer, and the maximum of a later one, which is 1/32
  ///     of the bytes so far; more if one range needs more, less if the budget does not allow it.
  public init(
    _ context: Context, counting: Bool = false, ranges: Ranges = .reused,
    growthByteCount: Int = 1 << 24
  ) {
    self.context = context
    self.ranges = counting ? .reused : ranges
    self.growthByteCount = growthByteCount
    isCounting = counting
  }

  /// Bytes per buffer that a real arena must reserve to hand out what this one has handed out.
  public var highWaterByteCounts: [Int] { chunks.map(\.highWater) }

  /// Allocates one buffer of each size, as a counting pass reported them. An arena with smaller
  /// buffers frees these first, so no range may be in use. Does nothing for separate ranges.
  ///
  /// - Throws: `.overBudget` when the context's budget is too small, `.tooLarge` when the device
  ///   allows no buffer of such a size.
  public func reserve(_ byteCounts: [Int]) throws(OpenCLError) {
    precondition(inUse == 0, "Arena.reserve: \(inUse) bytes are in use")
    if ranges == .separate { return }
    let sufficient =
      chunks.count >= byteCounts.count
      && zip(chunks, byteCounts).allSatisfy { $0.byteCount >= $1 }
    if sufficient { return }
    chunks.removeAll()
    for byteCount in byteCounts { try grow(to: byteCount) }
  }

  /// Frees the buffers of which no range is in use, for work whose ranges grow from step to step: each step would
  /// add buffers, and those of the steps before would stay. Does nothing for separate ranges.
  public func trim() {
    if ranges == .separate || isCounting { return }
    for index in chunks.indices where chunks[index].isIdle {
      // Its number stays free for the next buffer, and the others keep theirs.
      chunks[index] = Chunk(nil, byteCount: 0)
    }
  }

  /// A range of at least one byte.
  ///
  /// - Throws: `.overBudget` when it fits nowhere and the context's budget forbids another buffer,
  ///   `.tooLarge` when the device allows none of its size.
  public func take(byteCount: Int) throws(OpenCLError) -> DeviceSlice {
    let byteCount = max(byteCount, 1)
    let range = try ranges == .separate ? separateRange(byteCount) : sharedRange(byteCount)
    inUse += range.byteCount
    let slice = try DeviceSlice(
      of: chunks[range.chunk].allocation, offset: range.offset, byteCount: byteCount,
      release: (arena: self, range: range))
    if case .filled(let value) = ranges {
      try context.compute.fill(slice, byteCount: byteCount / 4 * 4, with: value)
    }
    return slice
  }

  /// A range of a buffer that has room, or of a new one.
  private func sharedRange(_ byteCount: Int) throws(OpenCLError) -> Range {
    let rounded = Self.rounded(byteCount)
    if let found = firstFit(rounded) { return found }
    try grow(to: max(rounded, preferredGrowth))
    guard let found = firstFit(rounded) else { preconditionFailure("a new buffer is too small") }
    return found
  }

  /// A new buffer for this range alone, kept as long as the arena. If it were freed, oclgrind would
  /// apply its records of the buffer to the next one.
  private func separateRange(_ byteCount: Int) throws(OpenCLError) -> Range {
    chunks.append(Chunk(try DeviceAllocation(context, byteCount: byteCount), byteCount: 0))
    return Range(chunk: chunks.count - 1, offset: 0, byteCount: byteCount)
  }

  private var preferredGrowth: Int {
    let largest = context.device.largestAllocationByteCount
    let free = context.memory.budget - context.memory.inUse
    let held = chunks.reduce(0) { $0 + $1.byteCount }
    let growth = held > 0 ? min(growthByteCount, max(held / 32, 1 << 16)) : growthByteCount
    let wanted = isCounting ? largest : min(growth, largest, free)
    return wanted / Self.alignment * Self.alignment
  }

  private static func rounded(_ byteCount: Int) -> Int {
    (byteCount + alignment - 1) / alignment * alignment
  }

  private func grow(to byteCount: Int) throws(OpenCLError) {
    let rounded = Self.rounded(byteCount)
    let allocation = isCounting ? nil : try DeviceAllocation(context, byteCount: rounded)
    let chunk = Chunk(allocation, byteCount: rounded)
    if let free = chunks.firstIndex(where: { $0.byteCount == 0 }) {
      chunks[free] = chunk
    } else {
      chunks.append(chunk)
    }
  }

  private func firstFit(_ byteCount: Int) -> Range? {
    for (index, chunk) in chunks.enumerated() {
      guard let place = chunk.gaps.firstIndex(where: { $0.byteCount >= byteCount }) else {
        continue
      }
      let range = Range(chunk: index, offset: chunk.gaps[place].offset, byteCount: byteCount)
      chunk.gaps[place].offset += byteCount
      chunk.gaps[place].byteCount -= byteCount
      if chunk.gaps[place].byteCount == 0 { chunk.gaps.remove(at: place) }
      chunk.highWater = max(chunk.highWater, range.offset + byteCount)
      return range
    }
    return nil
  }

  func give(_ range: Range) {
    inUse -= range.byteCount
    if ranges == .separate { return }
    let chunk = chunks[range.chunk]
    let end = range.offset + range.byteCount
    let next = chunk.gaps.firstIndex { $0.offset > range.offset } ?? chunk.gaps.count
    let joinsNext = next < chunk.gaps.count && chunk.gaps[next].offset == end
    let joinsPrevious =
      next > 0 && chunk.gaps[next - 1].offset + chunk.gaps[next - 1].byteCount == range.offset
    switch (joinsPrevious, joinsNext) {
    case (true, true):
      chunk.gaps[next - 1].byteCount += range.byteCount + chunk.gaps[next].byteCount
      chunk.gaps.remove(at: next)
    case (true, false):
      chunk.gaps[next - 1].byteCount += range.byteCount
    case (false, true):
      chunk.gaps[next].offset = range.offset
      chunk.gaps[next].byteCount += range.byteCount
    case (false, false):
      chunk.gaps.insert(Gap(offset: range.offset, byteCount: range.byteCount), at: next)
    }
  }
}
