// Activations, element by element. Compiled after gelu.cl and sigmoid.cl.
//
//   gelu     y = x Phi(x), kept = GELU'(x) if is_kept    dx = base + dy kept
//   relu     y = max(x, 0)                               dx = base + dy [kept > 0]
//   sigmoid  y = 1 / (1 + exp -x)                        dx = base + dy kept (1 - kept)
//   tanh     y = tanh x                                  dx = base + dy (1 - kept^2)
//
// kept, for the backward pass, is the derivative of GELU, and of the others their result. Arrays
// are [count]; y may be x. base is read only if `has_base`, and may be the output itself. A
// work-group computes CHUNK elements; on a GPU neighbouring work-items compute neighbouring
// elements.

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

#define FORWARD_KERNEL(name, function)                                                     \
  __attribute__((reqd_work_group_size(ITEMS, 1, 1)))                                       \
  __kernel void name(__global const float *x, __global float *y, int count)                \
  {                                                                                        \
    const int first = (int)get_group_id(0) * CHUNK;                                        \
    const int last = min(count, first + CHUNK);                                            \
    int i = first + (int)get_local_id(0) * VECTOR_WIDTH;                                   \
    for (; i + VECTOR_WIDTH <= last; i += ITEMS * VECTOR_WIDTH)                            \
      storev(y + i, function(loadv(x + i)));                                               \
    if (i < last) storev_part(y + i, function(loadv_part(x + i, last - i)), last - i);     \
  }

static inline vf reluv(vf x) { return fmax(x, (vf)(0.0f)); }

static inline vf sigmoidv(vf x)
{
  sigmoid_together(&x, 1);
  return x;
}

FORWARD_KERNEL(relu_forward, reluv)
FORWARD_KERNEL(sigmoid_forward, sigmoidv)
FORWARD_KERNEL(tanh_forward, tanhv)

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
      const int tail = last - i;                                                           \
      const vf before = has_base ? loadv_part(base + i, tail) : (vf)(0.0f);                \
      const vf slope = derivative(loadv_part(kept + i, tail));                             \
      storev_part(dx + i, fma(loadv_part(dy + i, tail), slope, before), tail);             \
    }                                                                                      \
  }

static inline vf gelu_derivative(vf kept) { return kept; }

static inline vf relu_derivative(vf kept)
{
  return kept > (vf)(0.0f) ? (vf)(1.0f) : (vf)(0.0f);
}

static inline vf sigmoid_derivative(vf kept) { return kept - kept * kept; }

static inline vf tanh_derivative(vf kept) { return fma(-kept, kept, (vf)(1.0f)); }

BACKWARD_KERNEL(gelu_backward, gelu_derivative)
BACKWARD_KERNEL(relu_backward, relu_derivative)
BACKWARD_KERNEL(sigmoid_backward, sigmoid_derivative)
BACKWARD_KERNEL(tanh_backward, tanh_derivative)
