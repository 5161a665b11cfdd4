// Sigmoid and tanh of the gates of recurrent layers, several vectors at a time. Compiled before
// lstm_cell.cl and gru_cell.cl, and after matmul_common.cl, which has load_lanes and store_lanes.

// x = 1 / (1 + 2^x). Exponents are clamped to the range of exp2_together, at whose ends the result
// is already 0 or 1 to the last bit; NaN stays NaN.
ALWAYS_INLINE void logistic_together(vf *x, const int count)
{
  EACH_BELOW(i, count) x[i] = x[i] < (vf)(-126.0f) ? (vf)(-126.0f) : x[i];
  EACH_BELOW(i, count) x[i] = x[i] > (vf)(126.0f) ? (vf)(126.0f) : x[i];
  exp2_together(x, count);
  EACH_BELOW(i, count) x[i] = (vf)(1.0f) / (x[i] + (vf)(1.0f));
}

// sigmoid(x) = logistic_together(SIGMOID_SCALE x); tanh(x) = 2 logistic_together(TANH_SCALE x) - 1,
// to an absolute error of 2e-7.
#define SIGMOID_SCALE (-LOG2_E)
#define TANH_SCALE (-2.88539008f)

ALWAYS_INLINE vf tanh_of_logistic(vf x) { return fma(x, (vf)(2.0f), (vf)(-1.0f)); }

ALWAYS_INLINE vf tanhv(vf x)
{
  x *= TANH_SCALE;
  logistic_together(&x, 1);
  return tanh_of_logistic(x);
}
