import ClseqOps
import ClseqTestSupport
import Testing

/// The references' backward passes against central differences in Double.
@Suite struct RecurrentReferenceTests {
  @Test(arguments: RecurrentCell.allCases, [true, false])
  func gradients(cell: RecurrentCell, hasState: Bool) {
    let layer = DoubleLayer(cell, hasState: hasState)
    let expected = layer.inputs.map { $0.centralDifferences { layer.weightedSum() } }
    let gradients = layer.gradients()
    for (gradient, difference) in zip(gradients, expected) {
      #expect(largestError(gradient, difference) < Tolerance.centralDifference)
    }
    #expect(gradients.count == expected.count)
  }
}

/// Sequences of 3, 0, 1 and 4 events of two units, with weighted sums of all results.
private enum DoubleRows {
  static let offsets: [Int32] = [0, 3, 3, 4, 8]
  static let events = 8
  static let sequences = 4

  /// `dgatesᵀ rows` and its column sums.
  static func weightGradients(
    _ dgates: HostArray<Double>, _ rows: HostArray<Double>, _ columns: Int, _ width: Int
  ) -> (weight: [Double], bias: [Double]) {
    let shape = MatmulShape(m: columns, n: width, k: events, transposeA: true)
    let (weight, bias) = (HostArray(count: columns * width), HostArray(count: columns))
    MatmulReference.multiply(dgates.buffer, rows.buffer, into: weight.buffer, shape)
    MatmulReference.addColumnSums(dgates.buffer, to: bias.buffer, shape)
    return (weight.values, bias.values)
  }

  /// Sum of a's products with b's values.
  static func dot(_ a: HostArray<Double>, _ b: HostArray<Double>) -> Double {
    zip(a.values, b.values).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

private struct DoubleLayer {
  let hidden = 3
  /// W_ih x + b_ih, W_hh, b_hh, and h0 and c0 if there are any.
  let inputs: [HostArray<Double>]
  private let cell: RecurrentCell
  private let offsets = HostArray(DoubleRows.offsets)
  private let initial: [HostArray<Double>]
  private let gates, kept, output, previous: HostArray<Double>
  private let dy: HostArray<Double>
  /// Gradients of the final h, and of the final c if there is one.
  private let dfinal: [HostArray<Double>]

  init(_ cell: RecurrentCell, hasState: Bool) {
    self.cell = cell
    var numbers = TestNumbers(seed: 2)
    func array(_ count: Int) -> HostArray<Double> { HostArray(numbers.doubles(count)) }
    let (n, b, rows) = (DoubleRows.events, DoubleRows.sequences, cell.gateCount * hidden)
    let states = cell.hasMemory ? 2 : 1
    initial = hasState ? (0..<states).map { _ in array(b * 3) } : []
    inputs = [array(n * rows), array(rows * hidden), array(rows)] + initial
    (gates, kept) = (HostArray(count: n * rows), HostArray(count: n * hidden))
    (output, previous) = (HostArray(count: n * hidden), HostArray(count: n * hidden))
    dy = array(n * hidden)
    dfinal = (0..<states).map { _ in array(b * 3) }
  }

  private var arrays: RecurrenceReference.Arrays<Double> {
    RecurrenceReference.Arrays(
      cell: cell, offsets: offsets.buffer, recurrent: inputs[1].buffer, bias: inputs[2].buffer,
      initial: initial.first.map { ($0.buffer, initial.count > 1 ? initial[1].buffer : nil) },
      gates: gates.buffer, kept: kept.buffer, output: output.buffer, previous: previous.buffer)
  }

  func weightedSum() -> Double {
    _ = gates.buffer.update(from: inputs[0].buffer)
    RecurrenceReference.forward(arrays)
    var sum = DoubleRows.dot(output, dy)
    for (index, (rows, gradient)) in zip([output, kept], dfinal).enumerated() {
      let last = HostArray(count: DoubleRows.sequences * hidden)
      RecurrentRowsReference.last(
        rows.buffer, initial: initial.isEmpty ? nil : initial[index].buffer, offsets.buffer,
        last.buffer, width: hidden)
      sum += DoubleRows.dot(last, gradient)
    }
    return sum
  }

  /// In the order of `inputs`.
  func gradients() -> [[Double]] {
    _ = weightedSum()
    let state = dfinal.map { HostArray($0.values) }
    let sums = HostArray(count: gates.buffer.count)
    RecurrenceReference.backward(
      arrays,
      RecurrenceReference.Gradients(
        output: dy.buffer, sums: sums.buffer, hidden: state[0].buffer,
        memory: state.count > 1 ? state[1].buffer : nil))
    let recurrent = DoubleRows.weightGradients(
      sums, previous, cell.gateCount * hidden, hidden)
    return [gates.values, recurrent.weight, recurrent.bias]
      + (initial.isEmpty ? [] : state.map(\.values))
  }
}
