/// The recurrence of an LSTM in plain loops, one sequence after another.
package enum LSTMReference {
  /// The arrays of the forward pass; `Tape.lstm` has the formula.
  package struct Arrays<T: BinaryFloatingPoint> {
    package typealias Buffer = UnsafeMutableBufferPointer<T>

    /// First event of each sequence, `[B + 1]`.
    let offsets: UnsafeMutableBufferPointer<Int32>
    let hidden: Int
    let outputs: Int
    /// W_hh, b_hh, W_hr.
    let recurrent: Buffer
    let bias: Buffer
    let projection: Buffer?
    /// h and c before the first events; zeros when absent.
    let initialHidden: Buffer?
    let initialCell: Buffer?
    /// W_ih x + b_ih; after the forward pass i, f, g, o; after the backward pass the gradients of
    /// their functions' arguments.
    let gates: Buffer
    let cells: Buffer
    /// m; the output itself without a projection.
    let unprojected: Buffer
    let output: Buffer

    package init(
      offsets: UnsafeMutableBufferPointer<Int32>, hidden: Int, outputs: Int, recurrent: Buffer,
      bias: Buffer, projection: Buffer?, initialHidden: Buffer?, initialCell: Buffer?,
      gates: Buffer, cells: Buffer, unprojected: Buffer, output: Buffer
    ) {
      (self.offsets, self.hidden, self.outputs) = (offsets, hidden, outputs)
      (self.recurrent, self.bias, self.projection) = (recurrent, bias, projection)
      (self.initialHidden, self.initialCell) = (initialHidden, initialCell)
      (self.gates, self.cells) = (gates, cells)
      (self.unprojected, self.output) = (unprojected, output)
    }

    fileprivate func events(_ sequence: Int) -> Range<Int> {
      Int(offsets[sequence])..<Int(offsets[sequence + 1])
    }

    /// Value j of c before event n of a sequence.
    fileprivate func cellBefore(_ n: Int, of sequence: Int, _ j: Int) -> T {
      n > events(sequence).lowerBound
        ? cells[(n - 1) * hidden + j] : initialCell?[sequence * hidden + j] ?? 0
    }

    /// Value p of h before event n of a sequence.
    fileprivate func hiddenBefore(_ n: Int, of sequence: Int, _ p: Int) -> T {
      n > events(sequence).lowerBound
        ? output[(n - 1) * outputs + p] : initialHidden?[sequence * outputs + p] ?? 0
    }
  }

  /// Gradients that pass through the recurrence.
  package struct Gradients<T: BinaryFloatingPoint> {
    let output: UnsafeMutableBufferPointer<T>
    /// Of the final h and c; after the backward pass of the initial ones.
    let hidden: UnsafeMutableBufferPointer<T>
    let cell: UnsafeMutableBufferPointer<T>
    /// Of h, with the gradient from later steps.
    let whole: UnsafeMutableBufferPointer<T>

    package init(
      output: UnsafeMutableBufferPointer<T>, hidden: UnsafeMutableBufferPointer<T>,
      cell: UnsafeMutableBufferPointer<T>, whole: UnsafeMutableBufferPointer<T>
    ) {
      (self.output, self.hidden, self.cell, self.whole) = (output, hidden, cell, whole)
    }
  }

  /// Gates, c and h of all events.
  package static func forward<T: BinaryFloatingPoint>(_ x: Arrays<T>) {
    let (hidden, outputs) = (x.hidden, x.outputs)
    for sequence in 0..<x.offsets.count - 1 {
      for n in x.events(sequence) {
        for row in 0..<4 * hidden {
          var sum = x.bias[row]
          for p in 0..<outputs {
            sum += x.recurrent[row * outputs + p] * x.hiddenBefore(n, of: sequence, p)
          }
          let a = x.gates[n * 4 * hidden + row] + sum
          x.gates[n * 4 * hidden + row] =
            row / hidden == 2 ? GateReference.tanh(a) : GateReference.sigmoid(a)
        }
        for j in 0..<hidden {
          let gate = (0..<4).map { x.gates[(n * 4 + $0) * hidden + j] }
          let c = gate[1] * x.cellBefore(n, of: sequence, j) + gate[0] * gate[2]
          x.cells[n * hidden + j] = c
          x.unprojected[n * hidden + j] = gate[3] * GateReference.tanh(c)
        }
        guard let projection = x.projection else { continue }
        for p in 0..<outputs {
          x.output[n * outputs + p] = (0..<hidden).reduce(T(0)) {
            $0 + projection[p * hidden + $1] * x.unprojected[n * hidden + $1]
          }
        }
      }
    }
  }

  /// Gradients of the arguments of the gates' functions, in place of the gates, and of the initial
  /// state.
  package static func backward<T: BinaryFloatingPoint>(_ x: Arrays<T>, _ d: Gradients<T>) {
    let (hidden, outputs) = (x.hidden, x.outputs)
    for sequence in 0..<x.offsets.count - 1 {
      for n in x.events(sequence).reversed() {
        for p in 0..<outputs {
          d.whole[n * outputs + p] = d.output[n * outputs + p] + d.hidden[sequence * outputs + p]
        }
        for j in 0..<hidden {
          var dm = T(0)
          if let projection = x.projection {
            for p in 0..<outputs { dm += d.whole[n * outputs + p] * projection[p * hidden + j] }
          } else {
            dm = d.whole[n * hidden + j]
          }
          differentiate(x, d, sequence, n, j, dm)
        }
        for p in 0..<outputs {
          d.hidden[sequence * outputs + p] = (0..<4 * hidden).reduce(T(0)) {
            $0 + x.gates[n * 4 * hidden + $1] * x.recurrent[$1 * outputs + p]
          }
        }
      }
    }
  }

  /// Unit j of event n.
  private static func differentiate<T: BinaryFloatingPoint>(
    _ x: Arrays<T>, _ d: Gradients<T>, _ sequence: Int, _ n: Int, _ j: Int, _ dm: T
  ) {
    let at = (0..<4).map { (n * 4 + $0) * x.hidden + j }
    let (i, f, g, o) = (x.gates[at[0]], x.gates[at[1]], x.gates[at[2]], x.gates[at[3]])
    let tanh = GateReference.tanh(x.cells[n * x.hidden + j])
    let dc = d.cell[sequence * x.hidden + j] + dm * o * (1 - tanh * tanh)
    x.gates[at[0]] = dc * g * i * (1 - i)
    x.gates[at[1]] = dc * x.cellBefore(n, of: sequence, j) * f * (1 - f)
    x.gates[at[2]] = dc * i * (1 - g * g)
    x.gates[at[3]] = dm * tanh * o * (1 - o)
    d.cell[sequence * x.hidden + j] = dc * f
  }
}
