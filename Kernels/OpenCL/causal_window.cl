// Sums and maxima over the last events inside ragged sequences.
//
//   causal_window      y[n, f d + c] = sum over l of weights[f, l] x[n - k, c],
//                      k = first_lag + (width - 1 - l) dilation
//   causal_window_max  y[n, c] = max of x[n - k, c] over k < width, lags[n, c] = its largest k
//
// x: [n, d]; weights: [filters, width], and without weights the identity: then y has the events of
// the window side by side. times[n] is the position of event n in its sequence, from 0. The k-th
// event before n is row n - k if times[n] >= k, else it does not exist and is skipped. Row n + k is
// of the same sequence if and only if times[n + k] >= k: had a new sequence started after n, its
// time at n + k would be below k. So a gradient has one owner and a fixed order:
//
//   causal_window_backward
//     dx[n, c] = base + sum over l, f of weights[f, l] dy[n + k, f d + c],   k as above
//   causal_window_weights
//     terms[n, f width + l] = sum over c of dy[n, f d + c] x[n - k, c], whose sums over n are the
//     gradients of weights
//   causal_window_max_backward
//     dx[n, c] = base + sum over k < width of dy[n + k, c] where lags[n + k, c] is k
//
// lags, kept for the backward pass and written only if `has_lags`, are floats. base is read only if
// `has_base`, and may be dx itself. A work-group computes CHUNK_ROWS rows; on a GPU neighbouring
// work-items compute neighbouring channels.

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK_ROWS 64
#else
#define ITEMS 256
#define CHUNK_ROWS 16
#endif
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))

// Runs a statement for each of `parts` parts of the work-group's rows.
#define EACH_PART(row, part, parts, ...)                                          \
  const int first = (int)get_group_id(0) * CHUNK_ROWS;                            \
  const int end = min(n - first, CHUNK_ROWS) * (parts);                           \
  for (int index = (int)get_local_id(0); index < end; index += ITEMS) {           \
    const int row = first + index / (parts);                                      \
    const int part = index % (parts);                                             \
    __VA_ARGS__                                                                   \
  }

// Runs a statement for each vector of the work-group's rows, which starts at channel c.
#define EACH_VECTOR(row, c, ...)                                                  \
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;                       \
  EACH_PART(row, block, blocks, const int c = block * VECTOR_WIDTH; __VA_ARGS__)

GROUP __kernel void causal_window(__global const float *x, __global const float *weights,
                                  int has_weights, __global float *y, int filters,
                                  __global const int *times, int n, int d, int width, int dilation,
                                  int first_lag)
{
  EACH_VECTOR(row, c, {
    const int time = times[row];
    for (int f = 0; f < filters; ++f) {
      const int last = has_weights ? width - 1 : f;
      vf sum = (vf)(0.0f);
      for (int l = has_weights ? 0 : f; l <= last; ++l) {
        const int lag = first_lag + (width - 1 - l) * dilation;
        const float weight = has_weights ? weights[f * width + l] : 1.0f;
        if (lag <= time) sum = fma((vf)(weight), load_row(x, row - lag, d, c), sum);
      }
      store_row(y, row * filters + f, d, c, sum);
    }
  })
}

GROUP __kernel void causal_window_backward(__global const float *dy, __global const float *weights,
                                           int has_weights, __global const float *base,
                                           int has_base, __global float *dx, int filters,
                                           __global const int *times, int n, int d, int width,
                                           int dilation, int first_lag)
{
  EACH_VECTOR(row, c, {
    vf sum = has_base ? load_row(base, row, d, c) : (vf)(0.0f);
    for (int l = 0; l < width; ++l) {
      const int lag = first_lag + (width - 1 - l) * dilation;
      if (row + lag >= n || times[row + lag] < lag) continue;
      const int last = has_weights ? filters - 1 : l;
      for (int f = has_weights ? 0 : l; f <= last; ++f) {
        const float weight = has_weights ? weights[f * width + l] : 1.0f;
        sum = fma((vf)(weight), load_row(dy, (row + lag) * filters + f, d, c), sum);
      }
    }
    store_row(dx, row, d, c, sum);
  })
}

GROUP __kernel void causal_window_weights(__global const float *dy, __global const float *x,
                                          __global float *terms, int filters,
                                          __global const int *times, int n, int d, int width,
                                          int dilation, int first_lag)
{
  EACH_PART(row, weight, filters * width, {
    const int lag = first_lag + (width - 1 - weight % width) * dilation;
    const int channels = lag <= times[row] ? d : 0;
    vf sum = (vf)(0.0f);
    for (int c = 0; c < channels; c += VECTOR_WIDTH)
      sum = fma(load_row(dy, row * filters + weight / width, d, c), load_row(x, row - lag, d, c),
                sum);
    terms[(size_t)row * filters * width + weight] = sumv(sum);
  })
}

// From the oldest event on: a later event replaces the maximum if it is larger, or NaN; NaN stays.
GROUP __kernel void causal_window_max(__global const float *x, __global float *y,
                                      __global float *lags, int has_lags,
                                      __global const int *times, int n, int d, int width)
{
  EACH_VECTOR(row, c, {
    const int oldest = min(times[row], width - 1);
    vf maximum = load_row(x, row - oldest, d, c);
    vf lag = (vf)((float)oldest);
    for (int k = oldest - 1; k >= 0; --k) {
      const vf value = load_row(x, row - k, d, c);
      lag = value > maximum ? (vf)((float)k) : value != value ? (vf)((float)k) : lag;
      maximum = value > maximum ? value : value != value ? value : maximum;
    }
    store_row(y, row, d, c, maximum);
    if (has_lags) store_row(lags, row, d, c, lag);
  })
}

GROUP __kernel void causal_window_max_backward(__global const float *dy, __global const float *lags,
                                               __global const float *base, int has_base,
                                               __global float *dx, __global const int *times, int n,
                                               int d, int width)
{
  EACH_VECTOR(row, c, {
    vf sum = has_base ? load_row(base, row, d, c) : (vf)(0.0f);
    for (int k = 0; k < width && row + k < n && times[row + k] >= k; ++k) {
      const vf gradient = load_row(dy, row + k, d, c);
      sum += load_row(lags, row + k, d, c) == (vf)((float)k) ? gradient : (vf)(0.0f);
    }
    store_row(dx, row, d, c, sum);
  })
}
