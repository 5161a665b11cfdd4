// Sigmoid and tanh. Compiled before activation.cl, the cells of recurrences and the kernels of target
// attention.

// x = 1 / (1 + 2^x). Exponents are clamped to the range of exp2_together, at whose ends the result is
// already 0 or 1 to the last bit; NaN stays NaN.
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

ALWAYS_INLINE void sigmoid_together(vf *x, const int count)
{
  EACH_BELOW(i, count) x[i] *= SIGMOID_SCALE;
  logistic_together(x, count);
}

ALWAYS_INLINE vf tanh_of_logistic(vf x) { return fma(x, (vf)(2.0f), (vf)(-1.0f)); }

ALWAYS_INLINE vf gate_tanh(vf x)
{
  x *= TANH_SCALE;
  logistic_together(&x, 1);
  return tanh_of_logistic(x);
}

// tanh x = (1 - e) / (1 + e) with e = e^(-2 |x|). Near 0, where that would cancel, x + x^3 times a
// polynomial in x^2, fitted for the smallest maximum relative error of tanh. Both forms have a
// relative error of 3e-7.
static inline vf tanhv(vf x)
{
  const vf size = fabs(x);
  vf e = size * TANH_SCALE;
  e = exp2v(e < (vf)(-126.0f) ? (vf)(-126.0f) : e);
  const vf far = ((vf)(1.0f) - e) / ((vf)(1.0f) + e);
  const vf square = x * x;
  vf p = fma(square, (vf)(0.0151953492f), (vf)(-0.0519478843f));
  p = fma(p, square, (vf)(0.133081749f));
  p = fma(p, square, (vf)(-0.333323419f));
  const vf near = fma(p * square, x, x);
  return size < (vf)(0.625f) ? near : x < (vf)(0.0f) ? -far : far;
}
