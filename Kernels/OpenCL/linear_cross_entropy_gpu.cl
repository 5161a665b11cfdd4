// Fused linear + softmax cross-entropy, GPU tuning.
//
//   loss = scale * sum_n [ log sum_v exp(x_n . e_v) - x_n . e_target(n) ]
//   dx_n = sum_v w_nv e_v    de_v = sum_n w_nv x_n    w_nv = scale * (p_nv - [v = target(n)])
//
// Both gradients are taken in the forward pass, a chunk of events at a time. Here exponentials writes
// exp(score - the maximum of the event's scores in the tile), and softmax finds the factor that makes
// them w in each tile; linear_cross_entropy_gradients_gpu.cl has the two products with w.
//
//   x [N, D]; table [rows, D], its rows first ... first + V - 1 are the classes
//   weights [capacity][stride], stride >= V
//   parts [capacity][tiles of V]: maximum and sum of a tile's exponentials, then its factor
//
// An event whose target is not a class adds nothing to the loss and to the gradients. Rankings and
// other losses take score. Compiled after tile_gpu.cl, which has the division of a product's work in a
// group.

#define ITEMS 256  // of softmax
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
#define TILES_OF(count) (((count) + TILE - 1) / TILE)

// Scores of `count` events from `start` on. Work-group (class tile, event tile).
__kernel TILE_GROUP void TILE_KERNEL(linear_cross_entropy_score)(const __global float *restrict x,
                                                    const __global table_float *restrict table,
                                                    __global float *restrict weights, int start,
                                                    int count, int first, int classes, int stride,
                                                    int width)
{
  __local tile_memory tile;
  const int item = get_local_id(0);
  const int v = get_group_id(0) * TILE;
  const int n = get_group_id(1) * TILE;
  const tile_source events = {x + (size_t)(start + n) * width, width, 1, count - n};
  const tile_source rows =
      TABLE_SOURCE(table + (size_t)(first + v) * width, width, 1, classes - v);
  float4 sums[8][2];
  float unused;
  tile_products(sums, events, 1, rows, 1, width, &tile, item, 0, &unused);
  tile_store(&tile, sums, weights + (size_t)n * stride + v, stride, count - n, classes - v, 0, item);
}

// The exponentials of a tile of scores, their maxima and sums, and each target's score in the place of
// its loss. Work-group (class tile, event tile).
__kernel TILE_GROUP void TILE_KERNEL(linear_cross_entropy_exponentials)(
    const __global float *restrict x, const __global table_float *restrict table,
    const __global int *restrict targets, __global float *restrict weights,
    __global float2 *restrict parts, __global float *restrict losses, int start, int count, int first,
    int classes, int stride, int width)
{
  __local tile_memory tile;
  __local int labels[TILE];
  const int item = get_local_id(0);
  const int v = get_group_id(0) * TILE;
  const int n = get_group_id(1) * TILE;
  const int left = 4 * (item % 8), top = 4 * (item / 8);  // of the item's sums in each 32 x 32
  const tile_source events = {x + (size_t)(start + n) * width, width, 1, count - n};
  const tile_source rows =
      TABLE_SOURCE(table + (size_t)(first + v) * width, width, 1, classes - v);
  float4 sums[8][2];
  float unused;
  tile_products(sums, events, 1, rows, 1, width, &tile, item, 0, &unused);
  labels[item] = n + item < count ? targets[start + n + item] - first - v : -1;
  const int4 columns = (int4)(0, 1, 2, 3) + left + v;
  EACH_BELOW(r, 8) {
    EACH_BELOW(h, 2)
      sums[r][h] = select(sums[r][h], (float4)(-INFINITY), columns + 32 * h >= classes);
    const float4 high = fmax(sums[r][0], sums[r][1]);
    tile.parts[r / 4 * 32 + top + r % 4][item % 8] =
        fmax(fmax(high.x, high.y), fmax(high.z, high.w));
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  float maximum = tile.parts[item][0];
  EACH_BELOW(part, 8) maximum = fmax(maximum, tile.parts[item][part]);
  tile.parts[item][8] = maximum;
  barrier(CLK_LOCAL_MEM_FENCE);
  EACH_BELOW(r, 8) {
    const int row = r / 4 * 32 + top + r % 4;
    const int label = labels[row];
    // The item that has the target's score.
    if (label >= 0 && label < TILE && label % 32 / 4 * 4 == left) {
      const float4 four = label < 32 ? sums[r][0] : sums[r][1];
      const float2 two = label % 4 < 2 ? four.xy : four.zw;
      losses[start + n + row] = label % 2 ? two.y : two.x;
    }
    const float high = tile.parts[row][8];
    EACH_BELOW(h, 2) sums[r][h] = exp2((sums[r][h] - high) * LOG2_E);
    const float4 four = sums[r][0] + sums[r][1];
    tile.parts[row][item % 8] = (four.x + four.z) + (four.y + four.w);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  float sum = 0.0f;
  EACH_BELOW(part, 8) sum += tile.parts[item][part];
  if (n + item < count)
    parts[(size_t)(n + item) * TILES_OF(classes) + get_group_id(0)] = (float2)(maximum, sum);
  tile_store(&tile, sums, weights + (size_t)n * stride + v, stride, count - n, classes - v, 0, item);
}

// Loss of one event per work-group and, if `has_gradients`, the factors of its tiles. The tile of its
// target gets the weights themselves, and the factor 1.
__kernel GROUP void linear_cross_entropy_softmax(__global float *restrict weights,
                                                 __global float2 *restrict parts,
                                                 const __global int *restrict targets,
                                                 __global float *restrict losses, int start,
                                                 int first, int classes, int stride, float scale,
                                                 int has_gradients)
{
  const int item = get_local_id(0);
  const int n = get_group_id(0);
  const int tiles = TILES_OF(classes);
  __local float scratch[ITEMS];
  parts += (size_t)n * tiles;
  const int label = targets[start + n] - first;
  const bool valid = label >= 0 && label < classes;
  const int label_tile = valid ? label / TILE : 0;
  const float label_maximum = parts[label_tile].x;
  float maximum = -INFINITY;
  for (int t = item; t < tiles; t += ITEMS) maximum = fmax(maximum, parts[t].x);
  maximum = group_maximum(maximum, scratch, 0, item, ITEMS);
  // All items have read the maximum of the target's tile before its factor replaces it below.
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  float sum = 0.0f;
  for (int t = item; t < tiles; t += ITEMS)
    sum += parts[t].y * exp2((parts[t].x - maximum) * LOG2_E);
  sum = group_sum(sum, scratch, 0, item, ITEMS);
  const float factor = scale / sum;
  if (item == 0) losses[start + n] = valid ? log(sum) + (maximum - losses[start + n]) : 0.0f;
  if (!has_gradients) return;
  for (int t = item; t < tiles; t += ITEMS) {
    const float own = exp2((parts[t].x - maximum) * LOG2_E) * factor;
    parts[t].x = !valid ? 0.0f : t == label_tile ? 1.0f : own;
  }
  const int v = label_tile * TILE + item;
  if (valid && item < TILE && v < classes) {
    __global float *place = weights + (size_t)n * stride + v;
    const float own = exp2((label_maximum - maximum) * LOG2_E) * factor;
    *place = *place * own - (v == label ? scale : 0.0f);
  }
}
