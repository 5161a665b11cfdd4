// Windows of the last events inside ragged sequences, and maxima over them.
//
//   causal_window      y[n, j d + c] = x[n - k, c], k = first_lag + (width - 1 - j) dilation,
//                      oldest first
//   causal_window_max  y[n, c] = max of x[n - k, c] over k < width, lags[n, c] = its largest k
//
// x: [n, d]; times[n] is the position of event n in its sequence, from 0. The k-th event before n
// is row n - k if times[n] >= k, else it does not exist: a window holds zeros for it, a maximum
// skips it. Row n + k is of the same sequence if and only if times[n + k] >= k: had a new sequence
// started after n, its time at n + k would be below k. So a gradient has one owner and a fixed
// order:
//
//   causal_window_backward
//     dx[n, c] = base + sum over j of dy[n + k, j d + c],   k as above
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

static inline vf load_tail(const __global float *pointer, int tail)
{
  return tail >= VECTOR_WIDTH ? loadv(pointer) : loadv_part(pointer, tail);
}

static inline void store_tail(__global float *pointer, vf value, int tail)
{
  if (tail >= VECTOR_WIDTH) storev(pointer, value);
  else storev_part(pointer, value, tail);
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void causal_window(__global const float *x, __global const int *times, __global float *y,
                            int n, int d, int width, int dilation, int first_lag)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  const int vectors = min(n - first, CHUNK_ROWS) * blocks;
  for (int index = item; index < vectors; index += ITEMS) {
    const int row = first + index / blocks;
    const int c = index % blocks * VECTOR_WIDTH;
    const int tail = d - c;
    const int time = times[row];
    for (int j = 0; j < width; ++j) {
      const int lag = first_lag + (width - 1 - j) * dilation;
      const vf value = lag <= time ? load_tail(x + (size_t)(row - lag) * d + c, tail) : (vf)(0.0f);
      store_tail(y + ((size_t)row * width + j) * d + c, value, tail);
    }
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void causal_window_backward(__global const float *dy, __global const int *times,
                                     __global const float *base, int has_base, __global float *dx,
                                     int n, int d, int width, int dilation, int first_lag)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  const int vectors = min(n - first, CHUNK_ROWS) * blocks;
  for (int index = item; index < vectors; index += ITEMS) {
    const int row = first + index / blocks;
    const int c = index % blocks * VECTOR_WIDTH;
    const int tail = d - c;
    const size_t at = (size_t)row * d + c;
    vf sum = has_base ? load_tail(base + at, tail) : (vf)(0.0f);
    for (int j = 0; j < width; ++j) {
      const int lag = first_lag + (width - 1 - j) * dilation;
      if (row + lag < n && times[row + lag] >= lag)
        sum += load_tail(dy + ((size_t)(row + lag) * width + j) * d + c, tail);
    }
    store_tail(dx + at, sum, tail);
  }
}

// From the oldest event on: a later event replaces the maximum if it is larger, or NaN; NaN stays.
__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void causal_window_max(__global const float *x, __global const int *times,
                                __global float *y, __global float *lags, int has_lags, int n, int d,
                                int width)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  const int vectors = min(n - first, CHUNK_ROWS) * blocks;
  for (int index = item; index < vectors; index += ITEMS) {
    const int row = first + index / blocks;
    const int c = index % blocks * VECTOR_WIDTH;
    const int tail = d - c;
    const size_t at = (size_t)row * d + c;
    const int oldest = min(times[row], width - 1);
    vf maximum = load_tail(x + at - (size_t)oldest * d, tail);
    vf lag = (vf)((float)oldest);
    for (int k = oldest - 1; k >= 0; --k) {
      const vf value = load_tail(x + at - (size_t)k * d, tail);
      lag = value > maximum ? (vf)((float)k) : value != value ? (vf)((float)k) : lag;
      maximum = value > maximum ? value : value != value ? value : maximum;
    }
    store_tail(y + at, maximum, tail);
    if (has_lags) store_tail(lags + at, lag, tail);
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void causal_window_max_backward(__global const float *dy, __global const float *lags,
                                         __global const int *times, __global const float *base,
                                         int has_base, __global float *dx, int n, int d, int width)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  const int vectors = min(n - first, CHUNK_ROWS) * blocks;
  for (int index = item; index < vectors; index += ITEMS) {
    const int row = first + index / blocks;
    const int c = index % blocks * VECTOR_WIDTH;
    const int tail = d - c;
    const size_t at = (size_t)row * d + c;
    vf sum = has_base ? load_tail(base + at, tail) : (vf)(0.0f);
    for (int k = 0; k < width && row + k < n && times[row + k] >= k; ++k) {
      const size_t later = at + (size_t)k * d;
      const vf gradient = load_tail(dy + later, tail);
      sum += load_tail(lags + later, tail) == (vf)((float)k) ? gradient : (vf)(0.0f);
    }
    store_tail(dx + at, sum, tail);
  }
}
