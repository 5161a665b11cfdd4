// AdamW (Loshchilov and Hutter 2019) over all parameters at once, with the gradient's global norm
// clipped (Pascanu, Mikolov, Bengio 2013).
//
//   g = gradient c,   c = min(1, max_norm / (|gradient| + 1e-6)),   1 if max_norm is 0
//   m = b1 m + (1 - b1) g,   v = b2 v + (1 - b2) g^2
//   p = p - rate decay p - rate m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + epsilon)
//
// parameters, gradients, m, v: flat [count]; norm: [2] = |gradient|, c. The norm is summed over
// BLOCKS blocks of elements, then over the blocks in order, whatever the device: adamw_square_sums,
// adamw_norm, adamw_step in this order on one queue, and the host never waits for it.

#define BLOCKS 256  // the host knows it too

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
__kernel void adamw_square_sums(__global const float *gradients, __global float *partial,
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

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void adamw_norm(__global const float *partial, __global float *norm, float max_norm)
{
  float sum = 0.0f;
  for (int block = 0; block < BLOCKS; ++block) sum += partial[block];
  const float length = sqrt(sum);
  norm[0] = length;
  norm[1] = max_norm > 0.0f ? fmin(1.0f, max_norm / (length + 1e-6f)) : 1.0f;
}

typedef struct { vf p, m, v; } state;

// decay = 1 - rate decay, rest1 = 1 - b1, rest2 = 1 - b2, step_size = rate / (1 - b1^t),
// root_correction = 1 / sqrt(1 - b2^t): from the host, which computes them in double.
static inline state adamw_update(state s, vf g, float decay, float rest1, float beta2, float rest2,
                                 float step_size, float root_correction, float epsilon)
{
  s.m = fma(g - s.m, (vf)(rest1), s.m);
  s.v = fma(g * g, (vf)(rest2), s.v * beta2);
  const vf root = fma(sqrt(s.v), (vf)(root_correction), (vf)(epsilon));
  s.p = s.p * decay - step_size * s.m / root;
  return s;
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void adamw_step(__global float *parameters, __global const float *gradients,
                         __global float *m, __global float *v, __global const float *norm,
                         ulong count, float decay, float rest1, float beta2, float rest2,
                         float step_size, float root_correction, float epsilon)
{
  const float clip = norm[1];
  const ulong first = get_group_id(0) * CHUNK;
  const ulong last = min(count, first + CHUNK);
  ulong i = first + get_local_id(0) * VECTOR_WIDTH;
  for (; i + VECTOR_WIDTH <= last; i += STRIDE) {
    const state s = adamw_update((state){loadv(parameters + i), loadv(m + i), loadv(v + i)},
                                 loadv(gradients + i) * clip, decay, rest1, beta2, rest2,
                                 step_size, root_correction, epsilon);
    storev(parameters + i, s.p);
    storev(m + i, s.m);
    storev(v + i, s.v);
  }
  if (i < last) {
    const int rest = (int)(last - i);
    const state s = adamw_update(
        (state){loadv_part(parameters + i, rest), loadv_part(m + i, rest), loadv_part(v + i, rest)},
        loadv_part(gradients + i, rest) * clip, decay, rest1, beta2, rest2, step_size,
        root_correction, epsilon);
    storev_part(parameters + i, s.p, rest);
    storev_part(m + i, s.m, rest);
    storev_part(v + i, s.v, rest);
  }
}
