import Foundation

/// What a recurrent layer computes at each event.
///
/// A cell is one kernel file, `NAME_cell.cl`, and its twins here: `RecurrenceReference` has the loops
/// around them.
public enum RecurrentCell: String, CaseIterable, Sendable {
  /// The long short-term memory of Hochreiter and Schmidhuber (1997), with the forget gate of Gers,
  /// Schmidhuber and Cummins (2000). With `a = W_ih x + b_ih + W_hh h + b_hh` in four parts:
  /// `i, f, o = σ(a)`, `g = tanh(a)`; `c = f c + i g`, `h = o tanh(c)`, h and c on the right being those
  /// of the event before.
  case lstm
  /// The gated recurrent unit of Cho et al., "Learning phrase representations using RNN
  /// encoder–decoder" (2014), with the reset gate after the product. With `x = W_ih x + b_ih` and
  /// `s = W_hh h + b_hh` in three parts: `r = σ(x_r + s_r)`, `z = σ(x_z + s_z)`, `n = tanh(x_n + r s_n)`;
  /// `h = (1 − z) n + z h`.
  case gru

  /// Parts of W_ih and W_hh, `[gates H, …]`, in PyTorch's order: i, f, g, o; or r, z, n.
  public var gateCount: Int { self == .lstm ? 4 : 3 }

  /// Whether the state has c beside h.
  public var hasMemory: Bool { self == .lstm }

  /// Whether the gradients of W_hh h + b_hh differ from those of W_ih x + b_ih.
  var hasOwnSums: Bool { self == .gru }
}

extension RecurrentCell {
  /// One unit of one event.
  ///
  /// - Parameters:
  ///   - gates: W_ih x + b_ih on entry, the gates on exit.
  ///   - sums: W_hh h + b_hh, h being that of the event before.
  ///   - before: c of the event before, or h if the cell has no c.
  /// - Returns: c, or s_n of a GRU; and h.
  func forward<T: BinaryFloatingPoint>(
    _ gates: inout [T], sums: [T], before: T
  ) -> (kept: T, h: T) {
    switch self {
    case .lstm:
      for gate in 0..<4 {
        let a = gates[gate] + sums[gate]
        gates[gate] = gate == 2 ? tanh(a) : sigmoid(a)
      }
      let c = gates[1] * before + gates[0] * gates[2]
      return (c, gates[3] * tanh(c))
    case .gru:
      let (r, z) = (sigmoid(gates[0] + sums[0]), sigmoid(gates[1] + sums[1]))
      let n = tanh(gates[2] + r * sums[2])
      gates = [r, z, n]
      return (sums[2], n + z * (before - n))
    }
  }

  /// The gradients of one unit of one event.
  ///
  /// - Parameters:
  ///   - gates: the gates on entry, the gradients of W_ih x + b_ih on exit.
  ///   - dh: gradient of h.
  ///   - kept: as `forward` returned it.
  ///   - before: as `forward` took it.
  ///   - memory: gradient of c from later steps on entry, that of the c before on exit.
  /// - Returns: the gradients of W_hh h + b_hh, and the part of that of the h before which does not pass
  ///   through W_hh.
  func backward<T: BinaryFloatingPoint>(
    _ gates: inout [T], dh: T, kept: T, before: T, memory: inout T
  ) -> (sums: [T], direct: T) {
    switch self {
    case .lstm:
      let (i, f, g, o) = (gates[0], gates[1], gates[2], gates[3])
      let tanh = tanh(kept)
      let dc = memory + dh * o * (1 - tanh * tanh)
      gates = [
        dc * g * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - g * g),
        dh * tanh * o * (1 - o),
      ]
      memory = dc * f
      return (gates, 0)
    case .gru:
      let (r, z, n) = (gates[0], gates[1], gates[2])
      let dn = dh * (1 - z) * (1 - n * n)
      gates = [dn * kept * r * (1 - r), dh * (before - n) * z * (1 - z), dn]
      return ([gates[0], gates[1], dn * r], dh * z)
    }
  }

  /// At the precision of Double.
  private func sigmoid<T: BinaryFloatingPoint>(_ x: T) -> T { T(1 / (1 + exp(-Double(x)))) }

  private func tanh<T: BinaryFloatingPoint>(_ x: T) -> T { T(Foundation.tanh(Double(x))) }
}
