import ClseqModels
import ClseqNN
import ClseqOps
import ClseqTestSupport

extension ModelCatalogTests {
  /// A model with its first parameters, and what is asked of it.
  struct Run {
    let backend: Backend
    let store: ParameterStore
    let model: any SequenceModel

    init(
      _ name: ModelKind, _ configuration: ModelConfiguration, on kind: TestBackend,
      storage: Tensor.ElementType = .float32
    ) throws {
      backend = try kind.make(storage: storage)
      store = ParameterStore(backend)
      model = try name.model(configuration, in: store)
      try store.allocate(seed: 5)
    }

    /// Rounds tables as they are stored in bf16.
    func roundTables() throws {
      for table in store.parameters where table.isTable {
        let values = try backend.read(table.value)
        try backend.write(
          values.map { BFloat16Reference.widen(BFloat16Reference.round($0)) }, to: table.value)
      }
    }

    /// Gives adapters an effect, which they do not have at first.
    func fillAdapters() throws {
      var numbers = TestNumbers(seed: 17)
      for parameter in store.parameters where parameter.name.contains(".lora_B.") {
        try backend.write(numbers.floats(parameter.count), to: parameter.value)
      }
    }

    func batch(_ sequences: [[Int32]], numbers: [Int32]? = nil) throws -> EventBatch {
      try TestBatch(sequences, numbers: numbers).make(
        on: backend, typeCount: 4, gapCount: 5, numberCount: 2)
    }

    /// The states of each sequence.
    func states(
      _ sequences: [[Int32]], numbers: [Int32]? = nil, mode: Mode = .inference
    ) throws -> [[Float]] {
      let tape = Tape(backend, mode: mode)
      let values = try backend.read(
        try model.hiddenStates(of: batch(sequences, numbers: numbers), only: nil, on: tape))
      var start = 0
      return sequences.map { sequence in
        let count = model.writes ? TestBatch.writtenCount(sequence) : sequence.count
        defer { start += count * model.stateWidth }
        return Array(values[start..<start + count * model.stateWidth])
      }
    }
  }
}
