public import ClseqOps

/// The keys and values of an attention layer that are kept for events to come, in the order in which they were
/// computed: those of a batch, then those of each step.
public final class AttentionMemory {
  /// `[capacity, 2 D]`: keys beside values.
  private var values: Tensor?
  private let capacity: Int
  private let place: StepPlace
  private var count = 0

  /// Room for the keys and values of so many events.
  fileprivate init(capacity: Int, _ place: StepPlace) {
    (self.capacity, self.place) = (capacity, place)
  }

  /// Adds those of more events, `[N, 2 D]`.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func append(_ new: Tensor, on backend: Backend) throws {
    let values = try self.values ?? backend.empty([capacity, new.shape[1]])
    precondition(
      count + new.shape[0] <= capacity,
      "AttentionMemory: \(count) + \(new.shape[0]) events, room for \(capacity)")
    try backend.copy(new, to: values, atRow: count)
    count += new.shape[0]
    self.values = values
  }

  /// The keys and values of M events, the first rows of a matrix of width 2 D: until a layer asks for others.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func rows(_ rows: Indices, on backend: Backend) throws -> Tensor {
    guard let values else { preconditionFailure("AttentionMemory: nothing is kept") }
    let place = try place.tensor(width: values.shape[1], on: backend)
    try backend.gatherRows(values, rows: rows, into: place)
    return place
  }
}

/// Where all layers, one after another, put the keys and values of a step: as large as the largest, so that no
/// step needs more memory than the one before.
private final class StepPlace {
  private let rowCount: Int
  private var whole: Tensor?

  init(rowCount: Int) { self.rowCount = rowCount }

  func tensor(width: Int, on backend: Backend) throws -> Tensor {
    if let whole, whole.shape[1] == width { return whole }
    let tensor = try backend.empty([rowCount, width])
    whole = tensor
    return tensor
  }
}

/// What a model has computed of the events of some sequences, so that the state after one more event takes a
/// step and no pass over all of them.
///
/// For inference. Attention layers keep keys and values of every event, recurrent layers their last state.
public final class EventMemory {
  private let capacity: Int
  private let place: StepPlace
  private var layers: [AttentionMemory] = []
  /// The state of recurrent layers after the last events, a row for each sequence; nil of a model without.
  public var recurrent: RecurrentState?

  /// An empty memory.
  ///
  /// - Parameters:
  ///   - capacity: Events in all: those of the first batch, and those of every step.
  ///   - largestStep: The maximum number of events of all sequences of a step, the earlier ones counted.
  public init(capacity: Int, largestStep: Int) {
    self.capacity = capacity
    place = StepPlace(rowCount: largestStep)
  }

  /// What an attention layer keeps.
  ///
  /// - Parameter number: Of the layer, from 0.
  public func layer(_ number: Int) -> AttentionMemory {
    while layers.count <= number { layers.append(AttentionMemory(capacity: capacity, place)) }
    return layers[number]
  }
}

/// What a step goes on from: for each of R sequences, which of the kept events are its own, of a model that writes those that it wrote.
public struct EarlierEvents {
  /// The events of each sequence, the new one last, as lengths and offsets.
  public let shape: RaggedShape
  /// Their numbers in the order in which the memory was filled, `[M]`.
  public let rows: Indices
  /// Which sequence of the step before each of the R sequences continues, `[R]`.
  public let parents: Indices
  /// The events that each sequence reads, by their numbers among all that were read; nil of a model that does not
  /// write.
  public let read: (shape: RaggedShape, rows: Indices)?

  /// The earlier events of R sequences.
  public init(
    shape: RaggedShape, rows: Indices, parents: Indices,
    read: (shape: RaggedShape, rows: Indices)? = nil
  ) {
    precondition(
      parents.count == shape.sequenceCount
        && read.map { $0.shape.sequenceCount == parents.count } ?? true,
      "EarlierEvents: \(parents.count) parents of \(shape.sequenceCount) sequences")
    (self.shape, self.rows, self.parents, self.read) = (shape, rows, parents, read)
  }
}

/// The memory of one attention layer in a pass.
public struct AttentionStep {
  let memory: AttentionMemory
  /// Nil where the memory is filled for the first time, by a pass over whole sequences.
  let earlier: EarlierEvents?

  /// A pass that fills the memory, or one that goes on from it.
  public init(_ memory: AttentionMemory, after earlier: EarlierEvents?) {
    (self.memory, self.earlier) = (memory, earlier)
  }

  /// Self-attention of whole sequences, or of one more event of each to the kept ones; see `Tape.attention`.
  ///
  /// - Parameters:
  ///   - qkv: queries, keys and values side by side, `[N, 3 D]`.
  ///   - batch: the events.
  ///   - heads: H, a divisor of D.
  ///   - mask: which events an event sees, none after it.
  ///   - tape: of inference.
  /// - Returns: `[N, D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func attention(
    _ qkv: Tensor, of batch: EventBatch, heads: Int, mask: AttentionMask, on tape: Tape
  ) throws -> Tensor {
    precondition(
      !tape.isTraining && mask != .full, "AttentionStep: in training, or to later events")
    try memory.append(try tape.backend.keysAndValues(of: qkv), on: tape.backend)
    guard let earlier else {
      return try tape.attention(
        qkv, shape: batch.shape, sequences: batch.events.sequences, heads: heads, mask: mask,
        dropout: 0, key: nil)
    }
    return try tape.attention(
      qkv, keysAndValues: try memory.rows(earlier.rows, on: tape.backend), queries: batch.shape,
      keys: earlier.shape, sequences: batch.events.sequences, heads: heads, mask: mask)
  }

  /// The keys and values of the events that are read: those of a pass, which are kept, or the kept ones of each
  /// sequence of a step.
  ///
  /// - Parameters:
  ///   - values: computes those of a pass, `[M, 2 D]`.
  ///   - shape: the sequences of a pass.
  ///   - tape: of inference.
  /// - Returns: `[M, 2 D]`, and their sequences.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func read(
    _ values: () throws -> Tensor, of shape: RaggedShape, on tape: Tape
  ) throws -> (Tensor, RaggedShape) {
    guard let earlier else {
      let new = try values()
      try memory.append(new, on: tape.backend)
      return (new, shape)
    }
    guard let read = earlier.read else {
      preconditionFailure("AttentionStep: a step of a model that writes without what it reads")
    }
    return (try memory.rows(read.rows, on: tape.backend), read.shape)
  }
}
