// One step of the gated recurrent unit (Cho et al. 2014, with the reset gate after the product, as
// in cuDNN and PyTorch) for VECTOR_WIDTH units of one event, shared by the two tunings:
//
//   x = W_ih x + b_ih and s = W_hh h_before + b_hh, each with three parts r, z, n;
//   r = sigmoid(x_r + s_r), z = sigmoid(x_z + s_z), n = tanh(x_n + r s_n);
//   h = n + z (h_before - n).
//
// Compiled after recurrent_gates.cl.

// gates [3][hidden], from the first of the units on: x on entry, r, z, n on exit. `sums` is s.
// Writes h, and s_n to `inner` for the backward pass.
ALWAYS_INLINE void gru_cell_forward(__global float *gates, const int hidden, const vf *sums,
                                    const vf h_before, __global float *inner, __global float *h,
                                    const int lanes)
{
  vf x[2];
  EACH_BELOW(g, 2) x[g] = (load_lanes(gates + g * hidden, lanes) + sums[g]) * SIGMOID_SCALE;
  logistic_together(x, 2);
  const vf n = tanhv(fma(x[0], sums[2], load_lanes(gates + 2 * hidden, lanes)));
  store_lanes(gates, x[0], lanes);
  store_lanes(gates + hidden, x[1], lanes);
  store_lanes(gates + 2 * hidden, n, lanes);
  store_lanes(inner, sums[2], lanes);
  store_lanes(h, fma(x[1], h_before - n, n), lanes);
}

// From the complete gradient of h: the gradients of x, which replace r, z, n in `gates`; those of
// s, in dsums [3][hidden]; and in dh the part of h_before's gradient that does not pass through
// W_hh.
ALWAYS_INLINE void gru_cell_backward(__global float *gates, const int hidden, const vf dout,
                                     const vf inner, const vf h_before, __global float *dsums,
                                     __global float *dh, const int lanes)
{
  const vf one = (vf)(1.0f);
  const vf r = load_lanes(gates, lanes), z = load_lanes(gates + hidden, lanes);
  const vf n = load_lanes(gates + 2 * hidden, lanes);
  const vf dz = dout * (h_before - n) * (z * (one - z));
  const vf dn = dout * (one - z) * fma(-n, n, one);
  const vf dr = dn * inner * (r * (one - r));
  store_lanes(gates, dr, lanes);
  store_lanes(gates + hidden, dz, lanes);
  store_lanes(gates + 2 * hidden, dn, lanes);
  store_lanes(dsums, dr, lanes);
  store_lanes(dsums + hidden, dz, lanes);
  store_lanes(dsums + 2 * hidden, dn * r, lanes);
  store_lanes(dh, dout * z, lanes);
}
