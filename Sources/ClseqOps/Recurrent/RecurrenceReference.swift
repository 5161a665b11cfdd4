/// A recurrence in plain loops, one sequence after another.
package enum RecurrenceReference {
  /// The arrays of the forward pass; `recurrent_common.cl` has their layouts.
  package struct Arrays<T: BinaryFloatingPoint> {
    package typealias Buffer = UnsafeMutableBufferPointer<T>

    let cell: RecurrentCell
    /// First event of each sequence, `[B + 1]`.
    let offsets: UnsafeMutableBufferPointer<Int32>
    /// W_hh and b_hh.
    let recurrent: Buffer
    let bias: Buffer
    /// h and c before the first events; zeros when absent.
    let initial: (hidden: Buffer, memory: Buffer?)?
    /// W_ih x + b_ih; after the forward pass the gates; after the backward pass the gradients of
    /// W_ih x + b_ih.
    let gates: Buffer
    /// c, or what else the cell keeps.
    let kept: Buffer
    /// h after each event, and before it.
    let output: Buffer
    let previous: Buffer?

    package init(
      cell: RecurrentCell, offsets: UnsafeMutableBufferPointer<Int32>, recurrent: Buffer,
      bias: Buffer, initial: (hidden: Buffer, memory: Buffer?)?, gates: Buffer, kept: Buffer,
      output: Buffer, previous: Buffer?
    ) {
      (self.cell, self.offsets, self.recurrent, self.bias) = (cell, offsets, recurrent, bias)
      (self.initial, self.gates, self.kept) = (initial, gates, kept)
      (self.output, self.previous) = (output, previous)
    }

    fileprivate var hidden: Int { bias.count / cell.gateCount }

    fileprivate func events(_ sequence: Int) -> Range<Int> {
      Int(offsets[sequence])..<Int(offsets[sequence + 1])
    }

    /// Unit j of h before event n of a sequence.
    fileprivate func hiddenBefore(_ n: Int, of sequence: Int, _ j: Int) -> T {
      n > events(sequence).lowerBound
        ? output[(n - 1) * hidden + j] : initial?.hidden[sequence * hidden + j] ?? 0
    }

    /// Unit j of c before event n of a sequence, or of h if the cell has no c.
    fileprivate func stateBefore(_ n: Int, of sequence: Int, _ j: Int) -> T {
      guard cell.hasMemory else { return hiddenBefore(n, of: sequence, j) }
      return n > events(sequence).lowerBound
        ? kept[(n - 1) * hidden + j] : initial?.memory?[sequence * hidden + j] ?? 0
    }

    /// The gates of a unit of an event.
    fileprivate func gates(of n: Int, _ j: Int) -> [T] {
      (0..<cell.gateCount).map { gates[(n * cell.gateCount + $0) * hidden + j] }
    }

    fileprivate func setGates(of n: Int, _ j: Int, to values: [T]) {
      for (gate, value) in values.enumerated() {
        gates[(n * cell.gateCount + gate) * hidden + j] = value
      }
    }
  }

  /// Gradients that pass through the recurrence.
  package struct Gradients<T: BinaryFloatingPoint> {
    let output: UnsafeMutableBufferPointer<T>
    /// Of W_hh h + b_hh.
    let sums: UnsafeMutableBufferPointer<T>
    /// Of the final h and c; after the backward pass of the initial ones.
    let hidden: UnsafeMutableBufferPointer<T>
    let memory: UnsafeMutableBufferPointer<T>?

    package init(
      output: UnsafeMutableBufferPointer<T>, sums: UnsafeMutableBufferPointer<T>,
      hidden: UnsafeMutableBufferPointer<T>, memory: UnsafeMutableBufferPointer<T>?
    ) {
      (self.output, self.sums, self.hidden, self.memory) = (output, sums, hidden, memory)
    }
  }

  /// Gates and h of all events.
  package static func forward<T: BinaryFloatingPoint>(_ x: Arrays<T>) {
    let hidden = x.hidden
    for sequence in 0..<x.offsets.count - 1 {
      for n in x.events(sequence) {
        let before = (0..<hidden).map { x.hiddenBefore(n, of: sequence, $0) }
        let sums = x.bias.indices.map { row in
          (0..<hidden).reduce(x.bias[row]) {
            $0 + x.recurrent[row * hidden + $1] * before[$1]
          }
        }
        for j in 0..<hidden {
          var gates = x.gates(of: n, j)
          let (kept, h) = x.cell.forward(
            &gates, sums: gates.indices.map { sums[$0 * hidden + j] },
            before: x.stateBefore(n, of: sequence, j))
          x.setGates(of: n, j, to: gates)
          x.kept[n * hidden + j] = kept
          x.output[n * hidden + j] = h
          x.previous?[n * hidden + j] = before[j]
        }
      }
    }
  }

  /// Gradients of both affine maps' results, and of the initial state.
  package static func backward<T: BinaryFloatingPoint>(_ x: Arrays<T>, _ d: Gradients<T>) {
    let (hidden, rows) = (x.hidden, x.bias.count)
    for sequence in 0..<x.offsets.count - 1 {
      for n in x.events(sequence).reversed() {
        for j in 0..<hidden {
          let at = sequence * hidden + j
          var gates = x.gates(of: n, j)
          var memory = d.memory?[at] ?? 0
          let (sums, direct) = x.cell.backward(
            &gates, dh: d.output[n * hidden + j] + d.hidden[at], kept: x.kept[n * hidden + j],
            before: x.stateBefore(n, of: sequence, j), memory: &memory)
          x.setGates(of: n, j, to: gates)
          for (gate, sum) in sums.enumerated() { d.sums[n * rows + gate * hidden + j] = sum }
          d.hidden[at] = direct
          d.memory?[at] = memory
        }
        for j in 0..<hidden {
          d.hidden[sequence * hidden + j] += (0..<rows).reduce(T(0)) {
            $0 + d.sums[n * rows + $1] * x.recurrent[$1 * hidden + j]
          }
        }
      }
    }
  }
}
