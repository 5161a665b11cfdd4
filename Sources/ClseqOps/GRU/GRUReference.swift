/// The recurrence of gated recurrent units in plain loops, one sequence after another.
package enum GRUReference {
  /// The arrays of the forward pass; `Tape.gru` has the formula.
  package struct Arrays<T: BinaryFloatingPoint> {
    package typealias Buffer = UnsafeMutableBufferPointer<T>

    /// First event of each sequence, `[B + 1]`.
    let offsets: UnsafeMutableBufferPointer<Int32>
    let hidden: Int
    /// W_hh and b_hh.
    let recurrent: Buffer
    let bias: Buffer
    /// h before the first events; zeros when absent.
    let initial: Buffer?
    /// W_ih x + b_ih; after the forward pass r, z, n; after the backward pass the gradient of
    /// W_ih x + b_ih.
    let gates: Buffer
    /// s_n.
    let inner: Buffer
    let output: Buffer

    package init(
      offsets: UnsafeMutableBufferPointer<Int32>, hidden: Int, recurrent: Buffer, bias: Buffer,
      initial: Buffer?, gates: Buffer, inner: Buffer, output: Buffer
    ) {
      (self.offsets, self.hidden, self.initial) = (offsets, hidden, initial)
      (self.recurrent, self.bias) = (recurrent, bias)
      (self.gates, self.inner, self.output) = (gates, inner, output)
    }

    fileprivate func events(_ sequence: Int) -> Range<Int> {
      Int(offsets[sequence])..<Int(offsets[sequence + 1])
    }

    /// Value j of h before event n of a sequence.
    fileprivate func before(_ n: Int, of sequence: Int, _ j: Int) -> T {
      n > events(sequence).lowerBound
        ? output[(n - 1) * hidden + j] : initial?[sequence * hidden + j] ?? 0
    }
  }

  /// Gradients that pass through the recurrence.
  package struct Gradients<T: BinaryFloatingPoint> {
    let output: UnsafeMutableBufferPointer<T>
    /// Of the final h; after the backward pass of the initial h.
    let hidden: UnsafeMutableBufferPointer<T>
    /// Of W_hh h + b_hh.
    let sums: UnsafeMutableBufferPointer<T>

    package init(
      output: UnsafeMutableBufferPointer<T>, hidden: UnsafeMutableBufferPointer<T>,
      sums: UnsafeMutableBufferPointer<T>
    ) {
      (self.output, self.hidden, self.sums) = (output, hidden, sums)
    }
  }

  /// Gates and h of all events.
  package static func forward<T: BinaryFloatingPoint>(_ x: Arrays<T>) {
    let hidden = x.hidden
    for sequence in 0..<x.offsets.count - 1 {
      for n in x.events(sequence) {
        let sums = (0..<3 * hidden).map { row in
          (0..<hidden).reduce(x.bias[row]) {
            $0 + x.recurrent[row * hidden + $1] * x.before(n, of: sequence, $1)
          }
        }
        for j in 0..<hidden {
          let at = (0..<3).map { (n * 3 + $0) * hidden + j }
          let r = GateReference.sigmoid(x.gates[at[0]] + sums[j])
          let z = GateReference.sigmoid(x.gates[at[1]] + sums[hidden + j])
          x.inner[n * hidden + j] = sums[2 * hidden + j]
          let new = GateReference.tanh(x.gates[at[2]] + r * x.inner[n * hidden + j])
          (x.gates[at[0]], x.gates[at[1]], x.gates[at[2]]) = (r, z, new)
          x.output[n * hidden + j] = new + z * (x.before(n, of: sequence, j) - new)
        }
      }
    }
  }

  /// Gradients of both affine maps' results, and of the initial state.
  package static func backward<T: BinaryFloatingPoint>(_ x: Arrays<T>, _ d: Gradients<T>) {
    let hidden = x.hidden
    for sequence in 0..<x.offsets.count - 1 {
      for n in x.events(sequence).reversed() {
        for j in 0..<hidden {
          let at = (0..<3).map { (n * 3 + $0) * hidden + j }
          let (r, z, new) = (x.gates[at[0]], x.gates[at[1]], x.gates[at[2]])
          let dh = d.output[n * hidden + j] + d.hidden[sequence * hidden + j]
          let dn = dh * (1 - z) * (1 - new * new)
          x.gates[at[0]] = dn * x.inner[n * hidden + j] * r * (1 - r)
          x.gates[at[1]] = dh * (x.before(n, of: sequence, j) - new) * z * (1 - z)
          x.gates[at[2]] = dn
          for gate in 0..<3 { d.sums[at[gate]] = x.gates[at[gate]] * (gate == 2 ? r : 1) }
          d.hidden[sequence * hidden + j] = dh * z
        }
        for j in 0..<hidden {
          d.hidden[sequence * hidden + j] += (0..<3 * hidden).reduce(T(0)) {
            $0 + d.sums[n * 3 * hidden + $1] * x.recurrent[$1 * hidden + j]
          }
        }
      }
    }
  }
}
