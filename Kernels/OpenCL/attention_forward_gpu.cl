// Scaled dot-product attention of ragged sequences, forward, on a GPU. attention_forward_cpu.cl has
// the formula and the layouts.
//
// Work-group (block, head, sequence) computes the queries of a block over all keys that they see, a
// tile of keys at a time, with a running maximum and sum (Milakov and Gimelshein 2018; Dao et al.
// 2022). In the softmax PARTS items work on each query, each on KEYS of a tile's keys.

#define PARTS (GROUP / BLOCK_ROWS)
#define KEYS (TILE_ROWS / PARTS)

// Turns scores of a tile into 2^(score - running maximum); returns the factor that rescales the
// sums so far to the new maximum. The row sees the keys from `oldest` to `visible`.
static inline float running_softmax(__local attention_tiles *tiles, __local float *parts,
                                    int item, int first_key, int oldest, int visible,
                                    float *maximum, float *sum)
{
  const int row = item % BLOCK_ROWS, first = item / BLOCK_ROWS * KEYS;
  float high = *maximum;
  for (int r = first; r < first + KEYS; ++r)
    if (first_key + r >= oldest && first_key + r <= visible) high = fmax(high, ELEMENTS(tiles->weights[r])[row]);
  parts[item] = high;
  barrier(CLK_LOCAL_MEM_FENCE);
  high = parts[row];
  for (int part = 1; part < PARTS; ++part) high = fmax(high, parts[row + part * BLOCK_ROWS]);
  const float factor = exp2(*maximum - high);
  float total = *sum * factor;
  for (int r = first; r < first + KEYS; ++r) {
    const bool sees = first_key + r >= oldest && first_key + r <= visible;
    const float p = sees ? exp2(ELEMENTS(tiles->weights[r])[row] - high) : 0.0f;
    total += p;
    ELEMENTS(tiles->weights[r])[row] = p;
  }
  *maximum = high;
  *sum = total;
  return factor;
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void attention_forward(
    __global const float *q, int q_column, int q_stride, __global const float *k, int k_column,
    int k_stride, __global const float *v, int v_column, int v_stride, __global float *out,
    __global float *logsumexp, __global const int *q_offsets, __global const int *k_offsets,
    __global const int *sequences, float scale, uint threshold, float keep_scale, uint key0,
    uint key1, uint epoch)
{
  __local attention_tiles tiles;
  __local float parts[GROUP];
  __local float4 factors[BLOCK_ROWS / 4];
  const int item = get_local_id(0), block = get_group_id(0), head = get_group_id(1);
  const int b = get_group_id(2), heads = get_num_groups(1);
  const int y = item / ACROSS, row = item % BLOCK_ROWS;
  const int q_first = q_offsets[b], queries = q_offsets[b + 1] - q_first;
  const int k_first = k_offsets[b], keys = k_offsets[b + 1] - k_first;
  const int first = block * BLOCK_ROWS, count = min(BLOCK_ROWS, queries - first);
  const attention_rows q_rows = rows_of(q, q_column, q_stride, q_first, queries, head);
  const attention_rows k_rows = rows_of(k, k_column, k_stride, k_first, keys, head);
  const attention_rows v_rows = rows_of(v, v_column, v_stride, k_first, keys, head);
  const int shift = CAUSAL ? keys - queries : keys;
  const int visible = min(first + row + shift, keys - 1);
  const int oldest = WINDOW_START(first + row + shift);
  const int begin = max(WINDOW_START(first + shift), 0) / TILE_ROWS * TILE_ROWS;
  // A block after the last query sees no key; all its loads and stores are guarded.
  const int end = count > 0 ? min(first + count + shift, keys) : 0;
#if DROPOUT
  const uint sequence = count > 0 ? sequences[q_first] : 0;
#endif

  float4 sums[CHUNKS][4];
  EACH_BELOW(chunk, CHUNKS)
    EACH_BELOW(i, 4) sums[chunk][i] = (float4)(0.0f);
  float maximum = -1e30f, sum = 0.0f;
  for (int j = begin; j < end; j += TILE_ROWS) {
    float4 score[4];
    products(&tiles, q_rows, first, k_rows, j, item, score);
    EACH_BELOW(i, 4) score[i] *= scale * LOG2_E;
    store_weights(&tiles, score, item);
    barrier(CLK_LOCAL_MEM_FENCE);
    const float factor = running_softmax(&tiles, parts, item, j, oldest, visible, &maximum, &sum);
#if DROPOUT
    const int first_key = item / BLOCK_ROWS * KEYS;
    for (int r = first_key; r < first_key + KEYS; r += 4) {
      const float4 mask = pair_factors(j + r, first + row, sequence, epoch << 8 | (uint)head,
                                       (uint2)(key0, key1), threshold, 1.0f);
      ELEMENTS(tiles.weights[r])[row] *= mask.x;
      ELEMENTS(tiles.weights[r + 1])[row] *= mask.y;
      ELEMENTS(tiles.weights[r + 2])[row] *= mask.z;
      ELEMENTS(tiles.weights[r + 3])[row] *= mask.w;
    }
#endif
    if (item < BLOCK_ROWS) ELEMENTS(factors)[row] = factor;
    barrier(CLK_LOCAL_MEM_FENCE);
    const float4 before = factors[y];
    EACH_BELOW(chunk, CHUNKS) {
      sums[chunk][0] *= before.x;
      sums[chunk][1] *= before.y;
      sums[chunk][2] *= before.z;
      sums[chunk][3] *= before.w;
    }
    add_weighted_rows(&tiles, v_rows, j, item, sums);
  }

  parts[item] = sum;
  barrier(CLK_LOCAL_MEM_FENCE);
  float total = parts[row];
  for (int part = 1; part < PARTS; ++part) total += parts[row + part * BLOCK_ROWS];
  if (item < BLOCK_ROWS) {
    ELEMENTS(factors)[row] = total > 0.0f ? keep_scale / total : 0.0f;
    if (row < count)
      logsumexp[(long)(q_first + first + row) * heads + head] =
          maximum * (1.0f / LOG2_E) + log(total);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  const int width = heads * HEAD_WIDTH;
  __global float *to = out + (long)(q_first + first) * width + head * HEAD_WIDTH;
  store_rows(sums, factors[y], to, to, 0, width, count, item);
}
