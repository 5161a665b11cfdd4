import ClseqOps
import ClseqTestSupport
import Testing

/// The references' backward passes against central differences in Double.
@Suite struct RecurrentReferenceTests {
  @Test(arguments: [true, false], [true, false])
  func lstm(hasProjection: Bool, hasState: Bool) {
    let layer = DoubleLSTM(hasProjection: hasProjection, hasState: hasState)
    let expected = layer.inputs.map { $0.centralDifferences { layer.weightedSum() } }
    let gradients = layer.gradients()
    for (gradient, difference) in zip(gradients, expected) {
      #expect(largestError(gradient, difference) < Tolerance.centralDifference)
    }
    #expect(gradients.count == expected.count)
  }

  @Test(arguments: [true, false])
  func gru(hasState: Bool) {
    let layer = DoubleGRU(hasState: hasState)
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

  /// The rows before those of h.
  static func previous(
    _ h: HostArray<Double>, _ initial: HostArray<Double>?, _ offsets: HostArray<Int32>, _ width: Int
  ) -> HostArray<Double> {
    let out = HostArray(count: events * width)
    RecurrentRowsReference.previous(
      h.buffer, initial: initial?.buffer, offsets.buffer, out.buffer, width: width)
    return out
  }

  /// Sum of a's products with b's values.
  static func dot(_ a: HostArray<Double>, _ b: HostArray<Double>) -> Double {
    zip(a.values, b.values).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

private struct DoubleLSTM {
  let (hidden, outputs): (Int, Int)
  /// W_ih x + b_ih, W_hh, b_hh, and W_hr, h0, c0 if there are any.
  let inputs: [HostArray<Double>]
  private let hasState: Bool
  private let offsets = HostArray(DoubleRows.offsets)
  private let projection, h0, c0: HostArray<Double>?
  private let gates, cells, unprojected, output: HostArray<Double>
  private let dy, dh, dc: HostArray<Double>

  init(hasProjection: Bool, hasState: Bool) {
    hidden = 3
    outputs = hasProjection ? 2 : 3
    self.hasState = hasState
    var numbers = TestNumbers(seed: 2)
    func array(_ count: Int) -> HostArray<Double> { HostArray(numbers.doubles(count)) }
    let (n, b) = (DoubleRows.events, DoubleRows.sequences)
    let first = [array(n * 4 * hidden), array(4 * hidden * outputs), array(4 * hidden)]
    projection = hasProjection ? array(outputs * hidden) : nil
    h0 = hasState ? array(b * outputs) : nil
    c0 = hasState ? array(b * hidden) : nil
    inputs = first + [projection, h0, c0].compactMap { $0 }
    gates = HostArray(count: n * 4 * hidden)
    cells = HostArray(count: n * hidden)
    output = HostArray(count: n * outputs)
    unprojected = hasProjection ? HostArray(count: n * hidden) : output
    (dy, dh, dc) = (array(n * outputs), array(b * outputs), array(b * hidden))
  }

  private var arrays: LSTMReference.Arrays<Double> {
    LSTMReference.Arrays(
      offsets: offsets.buffer, hidden: hidden, outputs: outputs,
      recurrent: inputs[1].buffer, bias: inputs[2].buffer, projection: projection?.buffer,
      initialHidden: h0?.buffer, initialCell: c0?.buffer, gates: gates.buffer,
      cells: cells.buffer, unprojected: unprojected.buffer, output: output.buffer)
  }

  func weightedSum() -> Double {
    _ = gates.buffer.update(from: inputs[0].buffer)
    LSTMReference.forward(arrays)
    let b = DoubleRows.sequences
    let (h, c) = (HostArray(count: b * outputs), HostArray(count: b * hidden))
    RecurrentRowsReference.last(
      output.buffer, initial: h0?.buffer, offsets.buffer, h.buffer, width: outputs)
    RecurrentRowsReference.last(
      cells.buffer, initial: c0?.buffer, offsets.buffer, c.buffer, width: hidden)
    return DoubleRows.dot(output, dy) + DoubleRows.dot(h, dh) + DoubleRows.dot(c, dc)
  }

  /// In the order of `inputs`.
  func gradients() -> [[Double]] {
    _ = weightedSum()
    let (hiddenGradient, cellGradient) = (HostArray(dh.values), HostArray(dc.values))
    let whole = HostArray(count: dy.buffer.count)
    LSTMReference.backward(
      arrays,
      LSTMReference.Gradients(
        output: dy.buffer, hidden: hiddenGradient.buffer, cell: cellGradient.buffer,
        whole: whole.buffer))
    let recurrent = DoubleRows.weightGradients(
      gates, DoubleRows.previous(output, h0, offsets, outputs), 4 * hidden, outputs)
    var gradients = [gates.values, recurrent.weight, recurrent.bias]
    if projection != nil {
      gradients.append(
        DoubleRows.weightGradients(whole, unprojected, outputs, hidden).weight)
    }
    return gradients + (hasState ? [hiddenGradient.values, cellGradient.values] : [])
  }
}

private struct DoubleGRU {
  let hidden = 3
  private let offsets = HostArray(DoubleRows.offsets)
  /// W_ih x + b_ih, W_hh, b_hh, and h0 if there is one.
  let inputs: [HostArray<Double>]
  private let h0: HostArray<Double>?
  private let gates, inner, output: HostArray<Double>
  private let dy, dh: HostArray<Double>

  init(hasState: Bool) {
    var numbers = TestNumbers(seed: 6)
    func array(_ count: Int) -> HostArray<Double> { HostArray(numbers.doubles(count)) }
    let (n, b) = (DoubleRows.events, DoubleRows.sequences)
    let first = [array(n * 3 * hidden), array(3 * hidden * hidden), array(3 * hidden)]
    h0 = hasState ? array(b * hidden) : nil
    inputs = first + [h0].compactMap { $0 }
    gates = HostArray(count: n * 3 * hidden)
    inner = HostArray(count: n * hidden)
    output = HostArray(count: n * hidden)
    (dy, dh) = (array(n * hidden), array(b * hidden))
  }

  private var arrays: GRUReference.Arrays<Double> {
    GRUReference.Arrays(
      offsets: offsets.buffer, hidden: hidden, recurrent: inputs[1].buffer,
      bias: inputs[2].buffer, initial: h0?.buffer, gates: gates.buffer, inner: inner.buffer,
      output: output.buffer)
  }

  func weightedSum() -> Double {
    _ = gates.buffer.update(from: inputs[0].buffer)
    GRUReference.forward(arrays)
    let h = HostArray(count: DoubleRows.sequences * hidden)
    RecurrentRowsReference.last(
      output.buffer, initial: h0?.buffer, offsets.buffer, h.buffer, width: hidden)
    return DoubleRows.dot(output, dy) + DoubleRows.dot(h, dh)
  }

  /// In the order of `inputs`.
  func gradients() -> [[Double]] {
    _ = weightedSum()
    let hiddenGradient = HostArray(dh.values)
    let sums = HostArray(count: gates.buffer.count)
    GRUReference.backward(
      arrays,
      GRUReference.Gradients(
        output: dy.buffer, hidden: hiddenGradient.buffer, sums: sums.buffer))
    let recurrent = DoubleRows.weightGradients(
      sums, DoubleRows.previous(output, h0, offsets, hidden), 3 * hidden, hidden)
    return [gates.values, recurrent.weight, recurrent.bias]
      + (h0 == nil ? [] : [hiddenGradient.values])
  }
}
