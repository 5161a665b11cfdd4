// Weighted sums over the last events inside ragged sequences: the vertical convolution of Caser.
//
//   y[n, f d + c] = sum over l of weights[f, l] x[n - k, c],   k = width - 1 - l <= times[n]
//   dx[n, c] = base + sum over k, f of weights[f, width - 1 - k] dy[n + k, f d + c]
//   dweights[f, l] += sum over n, c of dy[n, f d + c] x[n - k, c]
//
// x: [n, d]; weights: [filters, width]; times[n] is the position of event n in its sequence, from
// 0; rows of other sequences are skipped as in causal_window.cl. base is read only if `has_base`,
// and may be dx itself. dweights is summed by way of partial: [BLOCKS, filters width], one row per
// block of rows of x, on any number of compute units; causal_window_sum_reduce adds the blocks in
// order.
//
// A work-group computes CHUNK_ROWS rows; on a GPU neighbouring work-items compute neighbouring
// channels. A work-group of causal_window_sum_weights sums one weight's gradient over one block.

#define BLOCKS 32  // the same number as on the host

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK_ROWS 64
#define TOTAL(value) (value)
#else
#define ITEMS 256
#define CHUNK_ROWS 16
#define TOTAL(value) group_sum(value, scratch, 0, item, ITEMS)
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
__kernel void causal_window_sum(__global const float *x, __global const float *weights,
                                __global const int *times, __global float *y, int n, int d,
                                int filters, int width)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  const int vectors = min(n - first, CHUNK_ROWS) * filters * blocks;
  for (int index = item; index < vectors; index += ITEMS) {
    const int row = first + index / (filters * blocks);
    const int f = index / blocks % filters;
    const int c = index % blocks * VECTOR_WIDTH;
    __global const float *w = weights + f * width + width - 1;
    const int oldest = min(times[row], width - 1);
    vf sum = (vf)(0.0f);
    for (int k = oldest; k >= 0; --k)
      sum = fma((vf)(w[-k]), load_tail(x + (size_t)(row - k) * d + c, d - c), sum);
    store_tail(y + ((size_t)row * filters + f) * d + c, sum, d - c);
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void causal_window_sum_backward(__global const float *dy, __global const float *weights,
                                         __global const int *times, __global const float *base,
                                         int has_base, __global float *dx, int n, int d,
                                         int filters, int width)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  const int vectors = min(n - first, CHUNK_ROWS) * blocks;
  for (int index = item; index < vectors; index += ITEMS) {
    const int row = first + index / blocks;
    const int c = index % blocks * VECTOR_WIDTH;
    const size_t at = (size_t)row * d + c;
    vf sum = has_base ? load_tail(base + at, d - c) : (vf)(0.0f);
    for (int k = 0; k < width && row + k < n && times[row + k] >= k; ++k)
      for (int f = 0; f < filters; ++f) {
        const vf gradient = load_tail(dy + ((size_t)(row + k) * filters + f) * d + c, d - c);
        sum = fma((vf)(weights[f * width + width - 1 - k]), gradient, sum);
      }
    store_tail(dx + at, sum, d - c);
  }
}

// Grid: (filters width, BLOCKS).
__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void causal_window_sum_weights(__global const float *dy, __global const float *x,
                                        __global const int *times, __global float *partial, int n,
                                        int d, int filters, int width)
{
  __local float scratch[ITEMS];
  const int item = (int)get_local_id(0);
  const int weight = (int)get_group_id(0);
  const int block = (int)get_group_id(1);
  const int first = (int)((long)n * block / BLOCKS);
  const int last = (int)((long)n * (block + 1) / BLOCKS);
  const int f = weight / width;
  const int lag = width - 1 - weight % width;
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  vf sums = (vf)(0.0f);
  for (int index = item; index < (last - first) * blocks; index += ITEMS) {
    const int row = first + index / blocks;
    const int c = index % blocks * VECTOR_WIDTH;
    if (times[row] >= lag) {
      const vf gradient = load_tail(dy + ((size_t)row * filters + f) * d + c, d - c);
      sums = fma(gradient, load_tail(x + (size_t)(row - lag) * d + c, d - c), sums);
    }
  }
  const float sum = TOTAL(sumv(sums));
  if (item == 0) partial[(size_t)block * filters * width + weight] = sum;
}

// One work-item per weight.
__attribute__((reqd_work_group_size(64, 1, 1)))
__kernel void causal_window_sum_reduce(__global const float *partial, __global float *dweights,
                                       int count)
{
  const int weight = (int)get_global_id(0);
  if (weight < count) {
    float sum = 0.0f;
    for (int block = 0; block < BLOCKS; ++block) sum += partial[(size_t)block * count + weight];
    dweights[weight] += sum;
  }
}
