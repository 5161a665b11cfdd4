// Convolutions over the last events inside ragged sequences, each channel by itself.
//
//   causal_convolution          y[n, c] = bias[c] + sum over k of weights[k, c] x[n - k, c]
//   causal_convolution_backward dx[n, c] = base + sum over k of weights[k, c] dy[n + k, c]
//   causal_convolution_weights  terms[g, k d + c] = sum over the rows n of work-group g of
//                               dy[n, c] x[n - k, c]
//
// x: [n, d]; weights: [width, d], that of the event itself first. times[n] is the position of event
// n in its sequence: events k before it exist where times[n] >= k, and row n + k is of the same
// sequence where times[n + k] >= k, as in causal_window.cl. With a spacing above 1 event n is row
// n spacing + spacing - 1 of x, and the rows before it are its earlier events. A work-group computes
// CHUNK_ROWS rows.

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK_ROWS 64
#else
#define ITEMS 256
#define CHUNK_ROWS 16
#endif
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))

// Runs a statement for each vector of the work-group's rows, which starts at channel c.
#define EACH_VECTOR(row, c, ...)                                                  \
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;                       \
  const int first = (int)get_group_id(0) * CHUNK_ROWS;                            \
  const int end = min(n - first, CHUNK_ROWS) * blocks;                            \
  for (int index = (int)get_local_id(0); index < end; index += ITEMS) {           \
    const int row = first + index / blocks;                                       \
    const int c = index % blocks * VECTOR_WIDTH;                                  \
    __VA_ARGS__                                                                   \
  }

GROUP __kernel void causal_convolution(__global const float *x, __global const float *weights,
                                       __global const float *bias, __global float *y,
                                       __global const int *times, int n, int d, int width,
                                       int spacing)
{
  EACH_VECTOR(row, c, {
    const int own = row * spacing + spacing - 1;
    const int last = min(times[row], width - 1);
    vf sum = load_lanes(bias + c, d - c);
    for (int k = 0; k <= last; ++k)
      sum = fma(load_row(weights, k, d, c), load_row(x, own - k, d, c), sum);
    store_row(y, row, d, c, sum);
  })
}

GROUP __kernel void causal_convolution_backward(__global const float *dy,
                                                __global const float *weights,
                                                __global const float *base, int has_base,
                                                __global float *dx, __global const int *times,
                                                int n, int d, int width)
{
  EACH_VECTOR(row, c, {
    vf sum = has_base ? load_row(base, row, d, c) : (vf)(0.0f);
    for (int k = 0; k < width; ++k) {
      if (row + k >= n || times[row + k] < k) break;
      sum = fma(load_row(weights, k, d, c), load_row(dy, row + k, d, c), sum);
    }
    store_row(dx, row, d, c, sum);
  })
}

GROUP __kernel void causal_convolution_weights(__global const float *dy, __global const float *x,
                                               __global float *terms, __global const int *times,
                                               int n, int d, int width)
{
  const int group = (int)get_group_id(0), first = group * CHUNK_ROWS;
  const int end = min(n, first + CHUNK_ROWS);
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  for (int index = (int)get_local_id(0); index < width * blocks; index += ITEMS) {
    const int k = index / blocks, c = index % blocks * VECTOR_WIDTH;
    vf sum = (vf)(0.0f);
    for (int row = first; row < end; ++row)
      if (times[row] >= k) sum = fma(load_row(dy, row, d, c), load_row(x, row - k, d, c), sum);
    store_row(terms, group * width + k, d, c, sum);
  }
}
