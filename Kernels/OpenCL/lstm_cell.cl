// One step of the long short-term memory (Hochreiter and Schmidhuber 1997; with the forget gate of
// Gers et al. 2000) for VECTOR_WIDTH units of one event:
//
//   i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), g = tanh(a_g), where
//   a = (W_ih x + b_ih) + (W_hh h_before + b_hh), in this order of the four;
//   c = f c_before + i g,  h = o tanh(c).
//
// Compiled after sigmoid.cl and before recurrent_common.cl, which says what a cell defines.

#define CELL_FORWARD lstm_forward
#define CELL_BACKWARD lstm_backward
#define GATES 4
#define CELL_HAS_MEMORY 1
#define CELL_HAS_OWN_SUMS 0
#define CELL_IS_DIRECT 0

// gates: W_ih x + b_ih on entry, i, f, g, o on exit. sums: W_hh h_before + b_hh.
ALWAYS_INLINE void cell_forward(vf *gates, const vf *sums, const vf c_before, vf *c, vf *h)
{
  EACH_BELOW(g, 4) gates[g] += sums[g];
  gates[0] *= SIGMOID_SCALE, gates[1] *= SIGMOID_SCALE;
  gates[2] *= TANH_SCALE, gates[3] *= SIGMOID_SCALE;
  logistic_together(gates, 4);
  gates[2] = tanh_of_logistic(gates[2]);
  *c = fma(gates[1], c_before, gates[0] * gates[2]);
  *h = gates[3] * gate_tanh(*c);
}

// gates: i, f, g, o on entry, the gradients of the four a on exit. dc: the gradient of c that arrives from
// later steps on entry, that of c_before on exit.
ALWAYS_INLINE void cell_backward(vf *gates, vf *unused_dsums, const vf dh, const vf c, const vf c_before,
                                 vf *unused_dh_before, vf *dc)
{
  const vf one = (vf)(1.0f);
  const vf i = gates[0], f = gates[1], g = gates[2], o = gates[3];
  const vf tanh_c = gate_tanh(c);
  const vf dcell = fma(dh * o, fma(-tanh_c, tanh_c, one), *dc);
  gates[0] = dcell * g * (i * (one - i));
  gates[1] = dcell * c_before * (f * (one - f));
  gates[2] = dcell * i * fma(-g, g, one);
  gates[3] = dh * tanh_c * (o * (one - o));
  *dc = dcell * f;
}
