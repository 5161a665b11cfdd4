// Shared by the kernels of the sampled losses: the terms of one event. Compiled before
// sampled_loss_shared_cpu.cl, sampled_loss_shared_gpu.cl and sampled_loss_own.cl.
//
// s is the score of the event's target, s_j are those of its negatives. The host sets KIND:
//
//   SOFTMAX   log(e^s + sum_j e^s_j) - s, scores minus the logarithms of expected counts
//   BINARY    beta softplus(-s) + sum_j softplus(s_j)
//   PAIRWISE  mean_j softplus(s_j - s)
//
// In each, the gradient of the j-th negative's score is factor * weight_j, with one factor per
// event; weight_j is 2^(u_j - shift), sigmoid(s_j) or sigmoid(s_j - s). Scores here are u = s log2
// e, so that powers are of two.

#define SOFTMAX 0
#define BINARY 1
#define PAIRWISE 2
#ifndef KIND
#define KIND SOFTMAX  // the host always sets it
#endif
#define LN_2 0.693147181f
#define MINIMUM_EXPONENT -90.0f  // 2^-90 is negligible beside one, and no denormal follows from it

// u = 2^u for u <= 60 or so; exponents are clamped from below to MINIMUM_EXPONENT. NaN stays NaN.
ALWAYS_INLINE void power_together(vf *u, const int count)
{
  EACH_BELOW(i, count) u[i] = u[i] < MINIMUM_EXPONENT ? (vf)(MINIMUM_EXPONENT) : u[i];
  exp2_together(u, count);
}

// u = softplus(u ln 2) and slopes = sigmoid(u ln 2), without overflow or cancellation: of e =
// 2^-|u|, softplus is max(u, 0) ln 2 + log(1 + e) and sigmoid 1 / (1 + e) or e / (1 + e). log(1 +
// e) / e is a polynomial fitted on [0, 1] for the smallest maximum relative error (3e-8). NaN stays
// NaN.
ALWAYS_INLINE void softplus_together(vf *u, vf *slopes, const int count)
{
  vf e[MAX_TOGETHER], p[MAX_TOGETHER];
  EACH_BELOW(i, count) e[i] = u[i] < 0.0f ? u[i] : -u[i];
  power_together(e, count);
  EACH_BELOW(i, count) p[i] = fma(e[i], (vf)(5.23268804e-3f), (vf)(-2.95052137e-2f));
  EACH_BELOW(i, count) p[i] = fma(p[i], e[i], (vf)(7.82259107e-2f));
  EACH_BELOW(i, count) p[i] = fma(p[i], e[i], (vf)(-1.36632428e-1f));
  EACH_BELOW(i, count) p[i] = fma(p[i], e[i], (vf)(1.91060051e-1f));
  EACH_BELOW(i, count) p[i] = fma(p[i], e[i], (vf)(-2.48429820e-1f));
  EACH_BELOW(i, count) p[i] = fma(p[i], e[i], (vf)(3.33190978e-1f));
  EACH_BELOW(i, count) p[i] = fma(p[i], e[i], (vf)(-4.99994934e-1f));
  EACH_BELOW(i, count) p[i] = fma(p[i], e[i], (vf)(9.99999940e-1f));
  EACH_BELOW(i, count)
  {
    const vf inverse = (vf)(1.0f) / (e[i] + (vf)(1.0f));
    const vf above = u[i] < 0.0f ? (vf)(0.0f) : u[i];
    slopes[i] = u[i] < 0.0f ? e[i] * inverse : inverse;
    u[i] = fma(above, (vf)(LN_2), e[i] * p[i]);
  }
}

// Loss of an event, the factor of its negatives' weights, and the gradient of its target's score.
typedef struct { float loss, factor, target; } event_result;

// From the sums over the negatives, of losses (BINARY, PAIRWISE) and of weights (SOFTMAX,
// PAIRWISE), and the number of negatives that count. shift >= u is used by SOFTMAX alone. Where all
// gradients of an event add up to 0, the target's is minus the sum of the others: p - 1 would
// cancel.
static inline event_result finish_event(float losses, float weights, float u, float shift,
                                        int counted, float beta, float scale)
{
  event_result result;
#if KIND == SOFTMAX
  const float own = exp2(u - shift);
  result.loss = (shift - u) * LN_2 + log1p(weights + (own - 1.0f));
  result.factor = scale / (weights + own);
  result.target = -result.factor * weights;
#elif KIND == BINARY
  const float e = exp2(-fabs(u));
  result.loss = fma(beta, fmax(-u, 0.0f) * LN_2 + log1p(e), losses);
  result.factor = scale;
  result.target = -scale * beta * (u < 0.0f ? 1.0f : e) / (1.0f + e);
#else
  const float inverse_count = counted > 0 ? 1.0f / counted : 0.0f;
  result.loss = losses * inverse_count;
  result.factor = scale * inverse_count;
  result.target = -result.factor * weights;
#endif
  return result;
}

// The index of a row among `count` ascending rows, -1 if it is not among them.
static inline int find_row(const __global int *rows, int count, int row)
{
  int low = 0;
  for (int high = count; low < high;) {
    const int middle = (low + high) / 2;
    if (rows[middle] < row) low = middle + 1;
    else high = middle;
  }
  return low < count && rows[low] == row ? low : -1;
}

// a . b, vector by vector; b is a row of a table.
static inline float dot_rows(const __global float *a, const __global table_float *b, int width)
{
  vf sum = (vf)(0.0f);
  int d = 0;
  for (; d + VECTOR_WIDTH <= width; d += VECTOR_WIDTH) sum = fma(loadv(a + d), loadv_table(b + d), sum);
  if (d < width)
    sum = fma(loadv_part(a + d, width - d), load_table_lanes(b + d, width - d), sum);
  return sumv(sum);
}
