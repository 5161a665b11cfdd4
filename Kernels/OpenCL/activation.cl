// Activations, element by element. Comes behind gelu.cl.
//
//   gelu_forward  y = x Phi(x), kept = GELU'(x) if is_kept    gelu_backward  dx = base + dy kept
//   relu_forward  y = max(x, 0), which is kept                relu_backward  dx = base + dy [kept > 0]
//
// Arrays are [count]. base is read only if `has_base`, and may be the output itself. A work-group
// takes CHUNK elements; on a GPU its items lie on neighbouring ones.

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK 4096  // 16 KB of each operand
#else
#define ITEMS 256
#define CHUNK 1024
#endif

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void gelu_forward(__global const float *x, __global float *y, __global float *kept,
                           int is_kept, int count)
{
  const int first = (int)get_group_id(0) * CHUNK;
  const int last = min(count, first + CHUNK);
  int i = first + (int)get_local_id(0) * VECTOR_WIDTH;
  vf value, slope;
  for (; i + VECTOR_WIDTH <= last; i += ITEMS * VECTOR_WIDTH) {
    value = loadv(x + i);
    gelu_together(&value, &slope, 1);
    storev(y + i, value);
    if (is_kept) storev(kept + i, slope);
  }
  if (i < last) {
    value = loadv_part(x + i, last - i);
    gelu_together(&value, &slope, 1);
    storev_part(y + i, value, last - i);
    if (is_kept) storev_part(kept + i, slope, last - i);
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void relu_forward(__global const float *x, __global float *y, int count)
{
  const int first = (int)get_group_id(0) * CHUNK;
  const int last = min(count, first + CHUNK);
  int i = first + (int)get_local_id(0) * VECTOR_WIDTH;
  for (; i + VECTOR_WIDTH <= last; i += ITEMS * VECTOR_WIDTH)
    storev(y + i, fmax(loadv(x + i), (vf)(0.0f)));
  if (i < last) storev_part(y + i, fmax(loadv_part(x + i, last - i), (vf)(0.0f)), last - i);
}

#define BACKWARD_KERNEL(name, derivative)                                                  \
  __attribute__((reqd_work_group_size(ITEMS, 1, 1)))                                       \
  __kernel void name(__global const float *dy, __global const float *kept,                 \
                     __global const float *base, int has_base, __global float *dx,         \
                     int count)                                                            \
  {                                                                                        \
    const int first = (int)get_group_id(0) * CHUNK;                                        \
    const int last = min(count, first + CHUNK);                                            \
    int i = first + (int)get_local_id(0) * VECTOR_WIDTH;                                   \
    for (; i + VECTOR_WIDTH <= last; i += ITEMS * VECTOR_WIDTH) {                          \
      const vf before = has_base ? loadv(base + i) : (vf)(0.0f);                           \
      storev(dx + i, fma(loadv(dy + i), derivative(loadv(kept + i)), before));             \
    }                                                                                      \
    if (i < last) {                                                                        \
      const int rest = last - i;                                                           \
      const vf before = has_base ? loadv_part(base + i, rest) : (vf)(0.0f);                \
      const vf slope = derivative(loadv_part(kept + i, rest));                             \
      storev_part(dx + i, fma(loadv_part(dy + i, rest), slope, before), rest);             \
    }                                                                                      \
  }

static inline vf gelu_derivative(vf kept) { return kept; }

static inline vf relu_derivative(vf kept)
{
  return kept > (vf)(0.0f) ? (vf)(1.0f) : (vf)(0.0f);
}

BACKWARD_KERNEL(gelu_backward, gelu_derivative)
BACKWARD_KERNEL(relu_backward, relu_derivative)
