// Windows of the last events inside ragged sequences, and maxima over them.
//
//   causal_window      y[n, j d + c] = x[n - (width - 1 - j) dilation, c], oldest first
//   causal_window_max  y[n, c] = max of x[n - k, c] over k < width, lags[n, c] = its largest k
//
// x: [n, d]; times[n] is the place of event n in its sequence, from 0. The k-th event before n is
// row n - k if times[n] >= k, else it does not exist: a window holds zeros for it, a maximum passes it
// over. Likewise row n + k is of the same sequence just if times[n + k] >= k, as a sequence that
// begins after n is younger than k there. So a gradient has one owner and a fixed order:
//
//   causal_window_backward      dx[n, c] = base + sum over j of dy[n + k, j d + c], k = (width - 1 - j)
//                               dilation
//   causal_window_max_backward  dx[n, c] = base + sum over k < width of dy[n + k, c] where lags[n + k, c]
//                               is k
//
// lags, kept for backward and written only if `has_lags`, are floats. base is read only if `has_base`,
// and may be dx itself. A work-group takes CHUNK_ROWS rows; on a GPU its items lie on neighbouring
// channels.

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK_ROWS 64
#else
#define ITEMS 256
#define CHUNK_ROWS 16
#endif

static inline vf load_rest(const __global float *pointer, int rest)
{
  return rest >= VECTOR_WIDTH ? loadv(pointer) : loadv_part(pointer, rest);
}

static inline void store_rest(__global float *pointer, vf value, int rest)
{
  if (rest >= VECTOR_WIDTH) storev(pointer, value);
  else storev_part(pointer, value, rest);
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void causal_window(__global const float *x, __global const int *times, __global float *y,
                            int n, int d, int width, int dilation)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  const int vectors = min(n - first, CHUNK_ROWS) * blocks;
  for (int index = item; index < vectors; index += ITEMS) {
    const int row = first + index / blocks;
    const int c = index % blocks * VECTOR_WIDTH;
    const int rest = d - c;
    const int time = times[row];
    for (int j = 0; j < width; ++j) {
      const int lag = (width - 1 - j) * dilation;
      const vf value = lag <= time ? load_rest(x + (size_t)(row - lag) * d + c, rest) : (vf)(0.0f);
      store_rest(y + ((size_t)row * width + j) * d + c, value, rest);
    }
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void causal_window_backward(__global const float *dy, __global const int *times,
                                     __global const float *base, int has_base, __global float *dx,
                                     int n, int d, int width, int dilation)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  const int vectors = min(n - first, CHUNK_ROWS) * blocks;
  for (int index = item; index < vectors; index += ITEMS) {
    const int row = first + index / blocks;
    const int c = index % blocks * VECTOR_WIDTH;
    const int rest = d - c;
    const size_t at = (size_t)row * d + c;
    vf sum = has_base ? load_rest(base + at, rest) : (vf)(0.0f);
    for (int j = 0; j < width; ++j) {
      const int lag = (width - 1 - j) * dilation;
      if (row + lag < n && times[row + lag] >= lag)
        sum += load_rest(dy + ((size_t)(row + lag) * width + j) * d + c, rest);
    }
    store_rest(dx + at, sum, rest);
  }
}

// From the oldest event on; a later one must be larger, or not a number, which then stays.
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
    const int rest = d - c;
    const size_t at = (size_t)row * d + c;
    const int oldest = min(times[row], width - 1);
    vf most = load_rest(x + at - (size_t)oldest * d, rest);
    vf lag = (vf)((float)oldest);
    for (int k = oldest - 1; k >= 0; --k) {
      const vf value = load_rest(x + at - (size_t)k * d, rest);
      lag = value > most ? (vf)((float)k) : value != value ? (vf)((float)k) : lag;
      most = value > most ? value : value != value ? value : most;
    }
    store_rest(y + at, most, rest);
    if (has_lags) store_rest(lags + at, lag, rest);
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
    const int rest = d - c;
    const size_t at = (size_t)row * d + c;
    vf sum = has_base ? load_rest(base + at, rest) : (vf)(0.0f);
    for (int k = 0; k < width && row + k < n && times[row + k] >= k; ++k) {
      const size_t later = at + (size_t)k * d;
      const vf gradient = load_rest(dy + later, rest);
      sum += load_rest(lags + later, rest) == (vf)((float)k) ? gradient : (vf)(0.0f);
    }
    store_rest(dx + at, sum, rest);
  }
}
