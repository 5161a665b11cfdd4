// Optimisers over all parameters at once, with the gradient's global norm clipped (Pascanu,
// Mikolov, Bengio 2013).
//
//   g = gradient c,   c = min(1, max_norm / (|gradient| + 1e-6)),   1 if max_norm is 0
//
//   adamw_step (Loshchilov and Hutter 2019); adam_step (Kingma and Ba 2015) has g + decay p in
//   place of g, and no other decay:
//     m = b1 m + (1 - b1) g,   v = b2 v + (1 - b2) g^2
//     p = p - rate decay p - rate m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + epsilon)
//   sgd_step (Sutskever, Martens, Dahl, Hinton 2013, as PyTorch has it):
//     m = momentum m + g + decay p
//     p = p - rate m,   Nesterov's: p = p - rate (g + decay p + momentum m)
//
// A launch updates parameters of one rate; decay is for the first `decayed` of them.
//
// Of a table in bfloat16 the numbers of element i are rounded by the random words under the counter
// (i, step): x for the value, y for m, z for v. Compiled after random_rounding.cl.
//
// parameters, gradients, m, v: flat [count]; norm: [2] = |gradient|, c. The norm is summed over BLOCKS
// blocks of elements by gradient_square_sums, then over the blocks by every work-group of a step, in one
// order on any device; the host never waits for it. If the norm is not finite, a step changes nothing, so
// that the parameters that caused it can be inspected.

#define BLOCKS 256  // the same number as on the host

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK 4096
#define TOTAL(value) (value)
#else
#define ITEMS 256
#define CHUNK 1024
#define TOTAL(value) group_sum(value, scratch, 0, lane, ITEMS)
#endif
#define STRIDE (ITEMS * VECTOR_WIDTH)

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void gradient_square_sums(__global const float *gradients, __global float *partial,
                                ulong count)
{
  __local float scratch[ITEMS];
  const int lane = (int)get_local_id(0);
  const ulong block = get_group_id(0);
  const ulong last = count * (block + 1) / BLOCKS;
  ulong i = count * block / BLOCKS + (ulong)lane * VECTOR_WIDTH;
  vf squares[4] = {(vf)(0.0f), (vf)(0.0f), (vf)(0.0f), (vf)(0.0f)};
  for (; i + 3 * STRIDE + VECTOR_WIDTH <= last; i += 4 * STRIDE)
    for (int part = 0; part < 4; ++part) {
      const vf g = loadv(gradients + i + part * STRIDE);
      squares[part] = fma(g, g, squares[part]);
    }
  for (; i + VECTOR_WIDTH <= last; i += STRIDE) {
    const vf g = loadv(gradients + i);
    squares[0] = fma(g, g, squares[0]);
  }
  if (i < last) {
    const vf g = loadv_part(gradients + i, (int)(last - i));
    squares[1] = fma(g, g, squares[1]);
  }
  const float sum = sumv((squares[0] + squares[1]) + (squares[2] + squares[3]));
  const float total = TOTAL(sum);
  if (lane == 0) partial[block] = total;
}

// The gradient's norm, from the sums of its blocks, and the factor c. All items must call it; the first
// group's first item also stores both.
static inline float2 gradient_norm(__global const float *partial, float max_norm,
                                   __global float *norm, __local float *scratch, int lane)
{
  vf sums = (vf)(0.0f);
  for (int block = lane * VECTOR_WIDTH; block < BLOCKS; block += STRIDE)
    sums += loadv(partial + block);
  const float sum = sumv(sums);
  const float length = sqrt(TOTAL(sum));
  const float clip = max_norm > 0.0f ? fmin(1.0f, max_norm / (length + 1e-6f)) : 1.0f;
  if (get_group_id(0) == 0 && lane == 0) {
    norm[0] = length;
    norm[1] = clip;
  }
  return (float2)(length, clip);
}

typedef struct { vf p, m, v; } state;

// decay = 1 - rate decay, weight1 = 1 - b1, weight2 = 1 - b2, step_size = rate / (1 - b1^t),
// root_correction = 1 / sqrt(1 - b2^t): computed by the host in double.
static inline state adamw_update(state s, vf g, float decay, float weight1, float beta2,
                                 float weight2, float step_size, float root_correction,
                                 float epsilon)
{
  s.m = fma(g - s.m, (vf)(weight1), s.m);
  s.v = fma(g * g, (vf)(weight2), s.v * beta2);
  const vf root = fma(sqrt(s.v), (vf)(root_correction), (vf)(epsilon));
  s.p = s.p * decay - step_size * s.m / root;
  return s;
}

// decay is the weight decay itself.
static inline state adam_update(state s, vf g, float decay, float weight1, float beta2,
                                float weight2, float step_size, float root_correction,
                                float epsilon)
{
  return adamw_update(s, fma(s.p, (vf)(decay), g), 1.0f, weight1, beta2, weight2, step_size,
                      root_correction, epsilon);
}

// gradient_rate: learning rate applied to g (Nesterov). momentum_rate: learning rate applied to m.
static inline state sgd_update(state s, vf g, float decay, float momentum, float gradient_rate,
                               float momentum_rate)
{
  g = fma(s.p, (vf)(decay), g);
  s.m = fma(s.m, (vf)(momentum), g);
  s.p -= gradient_rate * g + momentum_rate * s.m;
  return s;
}

// The body of a step: updates parameters, m and, with USES_V, v. From `decayed` on the decay is NO_DECAY.
#define DECAY_AT(i) ((i) < decayed ? decay : no_decay)
#define STORE_STATE(s, i, lanes, USES_V)                                                \
  RANDOM_WORDS(i);                                                                      \
  STORE(parameters + i, s.p, x, lanes);                                                 \
  STORE(m + i, s.m, y, lanes);                                                          \
  if (USES_V) STORE(v + i, s.v, z, lanes);

#define STEP_BODY(UPDATE, USES_V, NO_DECAY, ...)                                        \
  __local float scratch[ITEMS];                                                         \
  const float no_decay = NO_DECAY;                                                      \
  const int lane = (int)get_local_id(0);                                                \
  const float2 length_clip = gradient_norm(partial, max_norm, norm, scratch, lane);     \
  const float clip = length_clip.y;                                                     \
  const ulong first = get_group_id(0) * CHUNK;                                          \
  const ulong last = isfinite(length_clip.x) ? min(count, first + CHUNK) : first;       \
  ulong i = first + (ulong)lane * VECTOR_WIDTH;                                         \
  for (; i + VECTOR_WIDTH <= last; i += STRIDE) {                                       \
    const state before = {loadv_table(parameters + i), loadv_table(m + i),              \
                          USES_V ? loadv_table(v + i) : (vf)(0.0f)};                    \
    const state s = UPDATE(before, loadv(gradients + i) * clip, DECAY_AT(i),            \
                           __VA_ARGS__);                                                \
    STORE_STATE(s, i, VECTOR_WIDTH, USES_V)                                             \
  }                                                                                     \
  if (i < last) {                                                                       \
    const int tail = (int)(last - i);                                                   \
    const state before = {load_table_lanes(parameters + i, tail),                       \
                          load_table_lanes(m + i, tail),                                \
                          USES_V ? load_table_lanes(v + i, tail) : (vf)(0.0f)};         \
    const state s = UPDATE(before, loadv_part(gradients + i, tail) * clip, DECAY_AT(i), \
                           __VA_ARGS__);                                                \
    STORE_STATE(s, i, tail, USES_V)                                                     \
  }

// Arguments of all steps, and those of Adam.
#define ARRAYS                                                                          \
  __global table_float *parameters, __global const float *gradients,                    \
      __global table_float *m, __global table_float *v, __global const float *partial,  \
      float max_norm, __global float *norm, ulong count, ulong decayed, float decay
#define ADAM_NUMBERS                                                                    \
  float weight1, float beta2, float weight2, float step_size, float root_correction,    \
      float epsilon

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void adamw_step(ARRAYS, ADAM_NUMBERS ROUNDING_PARAMETERS)
{
  STEP_BODY(adamw_update, 1, 1.0f, weight1, beta2, weight2, step_size, root_correction, epsilon)
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void adam_step(ARRAYS, ADAM_NUMBERS ROUNDING_PARAMETERS)
{
  STEP_BODY(adam_update, 1, 0.0f, weight1, beta2, weight2, step_size, root_correction, epsilon)
}

// v is not used.
__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void sgd_step(ARRAYS, float momentum, float gradient_rate,
                       float momentum_rate ROUNDING_PARAMETERS)
{
  STEP_BODY(sgd_update, 0, 0.0f, momentum, gradient_rate, momentum_rate)
}
