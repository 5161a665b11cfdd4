// One step of the gated recurrent unit (Cho et al. 2014, with the reset gate after the product, as
// in cuDNN and PyTorch) for VECTOR_WIDTH units of one event:
//
//   x = W_ih x + b_ih and s = W_hh h_before + b_hh, each with three parts r, z, n;
//   r = sigmoid(x_r + s_r), z = sigmoid(x_z + s_z), n = tanh(x_n + r s_n);
//   h = n + z (h_before - n).
//
// Compiled after sigmoid.cl and before recurrent_common.cl, which says what a cell defines.

#define CELL_FORWARD gru_forward
#define CELL_BACKWARD gru_backward
#define GATES 3
#define CELL_HAS_MEMORY 0
#define CELL_HAS_OWN_SUMS 1
#define CELL_IS_DIRECT 1

// gates: x on entry, r, z, n on exit. sums: s. inner: s_n, for the backward pass.
ALWAYS_INLINE void cell_forward(vf *gates, const vf *sums, const vf h_before, vf *inner, vf *h)
{
  EACH_BELOW(g, 2) gates[g] = (gates[g] + sums[g]) * SIGMOID_SCALE;
  logistic_together(gates, 2);
  gates[2] = gate_tanh(fma(gates[0], sums[2], gates[2]));
  *inner = sums[2];
  *h = fma(gates[1], h_before - gates[2], gates[2]);
}

// gates: r, z, n on entry, the gradients of x on exit. dsums: those of s. dh_before: the part of
// h_before's gradient that does not pass through W_hh.
ALWAYS_INLINE void cell_backward(vf *gates, vf *dsums, const vf dh, const vf inner, const vf h_before,
                                 vf *dh_before, vf *unused_memory)
{
  const vf one = (vf)(1.0f);
  const vf r = gates[0], z = gates[1], n = gates[2];
  const vf dz = dh * (h_before - n) * (z * (one - z));
  const vf dn = dh * (one - z) * fma(-n, n, one);
  const vf dr = dn * inner * (r * (one - r));
  gates[0] = dsums[0] = dr;
  gates[1] = dsums[1] = dz;
  gates[2] = dn;
  dsums[2] = dn * r;
  *dh_before = dh * z;
}
