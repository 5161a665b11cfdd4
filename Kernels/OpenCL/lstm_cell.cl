// One step of the long short-term memory (Hochreiter and Schmidhuber 1997; with the forget gate of
// Gers et al. 2000) for VECTOR_WIDTH units of one event, shared by the two tunings:
//
//   i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), g = tanh(a_g), where
//   a = (W_ih x + b_ih) + (W_hh h_before + b_hh), in this order of the four;
//   c = f c_before + i g,  m = o tanh(c).
//
// Compiled after recurrent_gates.cl.

// gates [4][hidden], from the first of the units on: W_ih x + b_ih on entry, i, f, g, o on exit.
// `sums` is W_hh h_before + b_hh. Writes c and m.
ALWAYS_INLINE void lstm_cell_forward(__global float *gates, const int hidden, const vf *sums,
                                     const vf c_before, __global float *c, __global float *m,
                                     const int lanes)
{
  vf x[4];
  EACH_BELOW(g, 4) x[g] = load_lanes(gates + g * hidden, lanes) + sums[g];
  x[0] *= SIGMOID_SCALE, x[1] *= SIGMOID_SCALE, x[2] *= TANH_SCALE, x[3] *= SIGMOID_SCALE;
  logistic_together(x, 4);
  x[2] = tanh_of_logistic(x[2]);
  const vf cell = fma(x[1], c_before, x[0] * x[2]);
  EACH_BELOW(g, 4) store_lanes(gates + g * hidden, x[g], lanes);
  store_lanes(c, cell, lanes);
  store_lanes(m, x[3] * tanhv(cell), lanes);
}

// From dm and, in dc, the gradient of c that arrives from later steps: the gradients of the four a,
// which replace i, f, g, o in `gates`, and in dc that of c_before.
ALWAYS_INLINE void lstm_cell_backward(__global float *gates, const int hidden, const vf dm,
                                      const vf c, const vf c_before, __global float *dc,
                                      const int lanes)
{
  const vf one = (vf)(1.0f);
  vf gate[4];
  EACH_BELOW(g, 4) gate[g] = load_lanes(gates + g * hidden, lanes);
  const vf tanh_c = tanhv(c);
  const vf dcell = fma(dm * gate[3], fma(-tanh_c, tanh_c, one), load_lanes(dc, lanes));
  const vf di = dcell * gate[2] * (gate[0] * (one - gate[0]));
  const vf df = dcell * c_before * (gate[1] * (one - gate[1]));
  const vf dg = dcell * gate[0] * fma(-gate[2], gate[2], one);
  const vf d_o = dm * tanh_c * (gate[3] * (one - gate[3]));
  store_lanes(gates, di, lanes);
  store_lanes(gates + hidden, df, lanes);
  store_lanes(gates + 2 * hidden, dg, lanes);
  store_lanes(gates + 3 * hidden, d_o, lanes);
  store_lanes(dc, dcell * gate[1], lanes);
}
