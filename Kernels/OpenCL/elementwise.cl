// Element-wise operations.
//
//   add            out = a + b
//   multiply       out = base + a b: the product, and each of its gradients
//   copy_columns   out[n, to + c] = base[n, to + c] + in[n, from + c], c < d: joins and slices rows
//   dropout_apply  y[n, c] = base[n, c] + x[n, c] f(n, c), f = 0 or 1 / (1 - p)
//
// dropout_apply is dropout and its backward pass: f depends on key, epoch, sequence, time and channel
// alone, so nothing is kept for it.
// Arrays of floats are [count], or [n, d]; times, sequences: [n]. base is read only if `has_base`,
// and may be the output itself; out may be a or b.
//
// In copy_columns the rows of in and out have in_stride and out_stride floats; base has the layout
// of out.
//
// A work-group computes CHUNK elements or CHUNK_ROWS rows; on a GPU neighbouring work-items compute
// neighbouring elements, in dropout_apply neighbouring groups of four channels.

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK 4096  // 16 KB of each operand
#define CHUNK_ROWS 64
#else
#define ITEMS 256
#define CHUNK 1024
#define CHUNK_ROWS 16
#endif

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void add(__global const float *a, __global const float *b, __global float *out, int count)
{
  const int first = (int)get_group_id(0) * CHUNK;
  const int last = min(count, first + CHUNK);
  int i = first + (int)get_local_id(0) * VECTOR_WIDTH;
  for (; i + VECTOR_WIDTH <= last; i += ITEMS * VECTOR_WIDTH)
    storev(out + i, loadv(a + i) + loadv(b + i));
  if (i < last)
    storev_part(out + i, loadv_part(a + i, last - i) + loadv_part(b + i, last - i), last - i);
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void multiply(__global const float *a, __global const float *b, __global const float *base,
                       int has_base, __global float *out, int count)
{
  const int first = (int)get_group_id(0) * CHUNK;
  const int last = min(count, first + CHUNK);
  int i = first + (int)get_local_id(0) * VECTOR_WIDTH;
  for (; i + VECTOR_WIDTH <= last; i += ITEMS * VECTOR_WIDTH) {
    const vf before = has_base ? loadv(base + i) : (vf)(0.0f);
    storev(out + i, fma(loadv(a + i), loadv(b + i), before));
  }
  if (i < last) {
    const int tail = last - i;
    const vf before = has_base ? loadv_part(base + i, tail) : (vf)(0.0f);
    storev_part(out + i, fma(loadv_part(a + i, tail), loadv_part(b + i, tail), before), tail);
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void copy_columns(__global const float *in, int in_stride, int from,
                           __global const float *base, int has_base, __global float *out,
                           int out_stride, int to, int n, int d)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int rows = min(n - first, CHUNK_ROWS);
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  for (int index = (int)get_local_id(0); index < rows * blocks; index += ITEMS) {
    const int row = first + index / blocks;
    const int c = index % blocks * VECTOR_WIDTH;
    const size_t source = (size_t)row * in_stride + from + c;
    const size_t target = (size_t)row * out_stride + to + c;
    const vf before = has_base ? load_lanes(base + target, d - c) : (vf)(0.0f);
    store_lanes(out + target, before + load_lanes(in + source, d - c), d - c);
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void dropout_apply(__global const float *x, __global const int *times,
                            __global const int *sequences, uint key0, uint key1, uint epoch,
                            uint threshold, float keep_scale, __global const float *base,
                            int has_base, __global float *y, int n, int d)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int rows = min(n - first, CHUNK_ROWS);
  const int blocks = (d + 4 * VECTOR_WIDTH - 1) / (4 * VECTOR_WIDTH);
  for (int index = (int)get_local_id(0); index < rows * blocks; index += ITEMS) {
    const int row = first + index / blocks;
    const int channel = index % blocks * 4 * VECTOR_WIDTH;
    vf factors[4];
    dropout_factors(factors, channel, times[row], sequences[row], (uint2)(key0, key1), epoch,
                    threshold, keep_scale);
    for (int part = 0; part < 4; ++part) {
      const int c = channel + part * VECTOR_WIDTH;
      const size_t at = (size_t)row * d + c;
      const vf before = has_base ? load_lanes(base + at, d - c) : (vf)(0.0f);
      store_lanes(y + at, fma(load_lanes(x + at, d - c), factors[part], before), d - c);
    }
  }
}

// The sources of one program follow each other.
#undef ITEMS
#undef CHUNK_ROWS
