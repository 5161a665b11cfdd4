// Fused linear + softmax cross-entropy, GPU tuning: both gradients of one chunk of events.
//
//   dx_n = sum_v w_nv e_v        de_v = sum_n w_nv x_n
//
// w = weights, multiplied by the factor of their tile in parts if `has_parts`:
// linear_cross_entropy_gpu.cl has the layouts and computes both. Other losses write w themselves, and
// have no parts. A product with too few tiles for a device is summed in splits, which fold adds in
// order. Compiled after tile_gpu.cl.

#define TILES_OF(count) (((count) + TILE - 1) / TILE)

// One split of dx: out [split][count][D] = sum over its `per_split` classes, whole tiles of them.
// Work-group (channel tile, event tile, split).
__kernel TILE_GROUP void TILE_KERNEL(linear_cross_entropy_input_gradient)(
    const __global float *restrict weights, const __global float2 *restrict parts, int has_parts,
    const __global table_float *restrict table, __global float *restrict out, int offset, int count,
    int first, int classes, int stride, int width, int per_split)
{
  __local tile_memory tile;
  const int item = get_local_id(0);
  const int d = get_group_id(0) * TILE;
  const int n = get_group_id(1) * TILE;
  const int split = get_group_id(2);
  const int v = split * per_split;
  const size_t tiles = TILES_OF(classes);
  const tile_source events = {weights + (size_t)n * stride + v, stride, 1, count - n,
                              has_parts ? parts + n * tiles + v / TILE : 0, tiles, 1, TILE};
  const tile_source channels =
      TABLE_SOURCE(table + (size_t)(first + v) * width + d, 1, width, width - d);
  float4 sums[8][2];
  float unused;
  tile_products(sums, events, 1, channels, 0, min(per_split, classes - v), &tile, item, 0, &unused);
  tile_store(&tile, sums, out + offset + ((size_t)split * count + n) * width + d, width, count - n,
             width - d, 0, item);
}

// One split of de: out [split][V][D] = (with `add`, +=) sum over its `per_split` events. Work-group
// (class tile, channel tile, split).
__kernel TILE_GROUP void TILE_KERNEL(linear_cross_entropy_table_gradient)(
    const __global float *restrict weights, const __global float2 *restrict parts, int has_parts,
    const __global float *restrict x, __global float *restrict out, int offset, int start, int count,
    int classes, int stride, int width, int per_split, int add)
{
  __local tile_memory tile;
  const int item = get_local_id(0);
  const int v = get_group_id(0) * TILE;
  const int d = get_group_id(1) * TILE;
  const int split = get_group_id(2);
  const int n = split * per_split;
  const size_t tiles = TILES_OF(classes);
  const tile_source rows = {weights + (size_t)n * stride + v, 1, stride, classes - v,
                            has_parts ? parts + n * tiles + v / TILE : 0, 0, tiles, 1};
  const tile_source channels = {x + (size_t)(start + n) * width + d, 1, width, width - d};
  float4 sums[8][2];
  float unused;
  tile_products(sums, rows, 0, channels, 0, min(per_split, count - n), &tile, item, 0, &unused);
  tile_store(&tile, sums, out + offset + ((size_t)split * classes + v) * width + d, width,
             classes - v, width - d, add, item);
}

// dx = sum of its splits, de += sum of its splits, which follow those of dx in `splits`. One split is
// none: that gradient is complete.
__kernel SPLIT_GROUP void linear_cross_entropy_fold(const __global float *restrict splits,
                                                    __global float *restrict dx, int dx_start,
                                                    int dx_count, int dx_splits,
                                                    __global float *restrict de, int de_start,
                                                    int de_count, int de_splits)
{
  __local float scratch[SPLIT_ITEMS];
  const int item = get_local_id(0);
  const int group = get_group_id(0);
  const int dx_groups =
      dx_splits > 1 ? (dx_count + SPLIT_COLUMNS - 1) / SPLIT_COLUMNS : 0;
  const bool is_dx = group < dx_groups;
  const int i = (is_dx ? group : group - dx_groups) * SPLIT_COLUMNS + item % SPLIT_COLUMNS;
  const int count = is_dx ? dx_count : de_count;
  if (!is_dx && dx_groups > 0) splits += (size_t)dx_splits * dx_count;
  const int own = i < count ? (is_dx ? dx_splits : de_splits) : 0;
  const float sum = split_sum(splits + i, count, own, scratch, item);
  if (item < SPLIT_COLUMNS && i < count) {
    if (is_dx) dx[dx_start + i] = sum;
    else de[de_start + i] += sum;
  }
}
