// Fused linear + softmax cross-entropy, GPU tuning.
//
//   loss = scale * sum_n [ log sum_v exp(x_n . e_v) - x_n . e_target(n) ]
//   dx_n = sum_v w_nv e_v    de_v = sum_n w_nv x_n    w_nv = scale * (p_nv - [v = target(n)])
//
// Both gradients are taken in the forward pass, a chunk of events at a time: score writes scores,
// softmax turns them into w in place, input_gradient and table_gradient are two products with w. A
// product with too few tiles for a device is summed in `splits` splits, which fold adds in order.
//
//   x [N, D]; table [rows, D], its rows first ... first + V - 1 are the classes
//   weights [capacity][stride], stride >= V
//
// An event whose target is not a class adds nothing to the loss and to the gradients. Compiled after
// tile_gpu.cl, which has the division of a product's work in a group.

#define ITEMS 256  // of the kernels that are no products
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))

// Stores a tile of `rows` x `columns` results at out, whose rows are `pitch` floats apart; with `add`
// they are added to the values there.
ALWAYS_INLINE void store_tile(__local tile_memory *tile, float4 sums[8][2], __global float *out,
                              const size_t pitch, const int rows, const int columns,
                              const int add, const int item)
{
  TILE_EACH_ROW(row, value, tile, sums, item, {
    if (row < rows && item < columns) {
      __global float *place = out + row * pitch + item;
      *place = (add ? *place : 0.0f) + value;
    }
  })
}

// Scores of `count` events from `start` on. Work-group (class tile, event tile).
__kernel TILE_GROUP void linear_cross_entropy_score(const __global float *restrict x,
                                                    const __global float *restrict table,
                                                    __global float *restrict weights, int start,
                                                    int count, int first, int classes, int stride,
                                                    int width)
{
  __local tile_memory tile;
  const int item = get_local_id(0);
  const int v = get_group_id(0) * TILE;
  const int n = get_group_id(1) * TILE;
  const tile_source events = {x + (size_t)(start + n) * width, width, 1, count - n};
  const tile_source rows = {table + (size_t)(first + v) * width, width, 1, classes - v};
  float4 sums[8][2];
  float unused;
  tile_products(sums, events, 1, rows, 1, width, &tile, item, 0, &unused);
  store_tile(&tile, sums, weights + (size_t)n * stride + v, stride, count - n, classes - v, 0, item);
}

// Loss of one event per work-group and, if `has_gradients`, its weights in place of its scores.
__kernel GROUP void linear_cross_entropy_softmax(__global float *restrict weights,
                                                 const __global int *restrict targets,
                                                 __global float *restrict losses, int start,
                                                 int first, int classes, int stride, float scale,
                                                 int has_gradients)
{
  const int item = get_local_id(0);
  const int n = get_group_id(0);
  __local float scratch[ITEMS];
  __global float *row = weights + (size_t)n * stride;
  const int label = targets[start + n] - first;
  const bool valid = label >= 0 && label < classes;
  float maximum = -INFINITY;
  for (int v = item; v < classes; v += ITEMS) maximum = fmax(maximum, row[v]);
  scratch[item] = maximum;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_size = ITEMS / 2; half_size > 0; half_size /= 2) {
    if (item < half_size) scratch[item] = fmax(scratch[item], scratch[item + half_size]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  maximum = scratch[0];
  const float labelScore = valid ? row[label] : 0.0f;
  // All items have read the label's score before its weight replaces it below.
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  float sum = 0.0f;
  for (int v = item; v < classes; v += ITEMS) sum += exp(row[v] - maximum);
  sum = group_sum(sum, scratch, 0, item, ITEMS);
  const float factor = scale / sum;
  if (item == 0) losses[start + n] = valid ? log(sum) + (maximum - labelScore) : 0.0f;
  for (int v = item; has_gradients && v < classes; v += ITEMS) {
    const float weight = exp(row[v] - maximum) * factor - (v == label ? scale : 0.0f);
    row[v] = valid ? weight : 0.0f;
  }
}

// One split of dx: out [split][count][D] = sum over its `per_split` classes. Work-group (channel
// tile, event tile, split).
__kernel TILE_GROUP void linear_cross_entropy_input_gradient(
    const __global float *restrict weights, const __global float *restrict table,
    __global float *restrict out, int offset, int count, int first, int classes, int stride,
    int width, int per_split)
{
  __local tile_memory tile;
  const int item = get_local_id(0);
  const int d = get_group_id(0) * TILE;
  const int n = get_group_id(1) * TILE;
  const int split = get_group_id(2);
  const int v = split * per_split;
  const tile_source events = {weights + (size_t)n * stride + v, stride, 1, count - n};
  const tile_source channels = {table + (size_t)(first + v) * width + d, 1, width, width - d};
  float4 sums[8][2];
  float unused;
  tile_products(sums, events, 1, channels, 0, min(per_split, classes - v), &tile, item, 0, &unused);
  store_tile(&tile, sums, out + offset + ((size_t)split * count + n) * width + d, width, count - n,
             width - d, 0, item);
}

// One split of de: out [split][V][D] = (with `add`, +=) sum over its `per_split` events. Work-group
// (class tile, channel tile, split).
__kernel TILE_GROUP void linear_cross_entropy_table_gradient(
    const __global float *restrict weights, const __global float *restrict x,
    __global float *restrict out, int offset, int start, int count, int classes, int stride,
    int width, int per_split, int add)
{
  __local tile_memory tile;
  const int item = get_local_id(0);
  const int v = get_group_id(0) * TILE;
  const int d = get_group_id(1) * TILE;
  const int split = get_group_id(2);
  const int n = split * per_split;
  const tile_source rows = {weights + (size_t)n * stride + v, 1, stride, classes - v};
  const tile_source channels = {x + (size_t)(start + n) * width + d, 1, width, width - d};
  float4 sums[8][2];
  float unused;
  tile_products(sums, rows, 0, channels, 0, min(per_split, count - n), &tile, item, 0, &unused);
  store_tile(&tile, sums, out + offset + ((size_t)split * classes + v) * width + d, width,
             classes - v, width - d, add, item);
}

// out[offset + i] = (with `add`, +=) sum of the splits, in their order.
__kernel GROUP void linear_cross_entropy_fold(const __global float *restrict parts,
                                              __global float *restrict out, int offset, int count,
                                              int splits, int add)
{
  const int i = get_group_id(0) * ITEMS + get_local_id(0);
  float sum = add && i < count ? out[offset + i] : 0.0f;
  for (int split = 0; split < splits && i < count; split++)
    sum += parts[(size_t)split * count + i];
  if (i < count) out[offset + i] = sum;
}
