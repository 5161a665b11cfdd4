// Gradients of scaled dot-product attention of ragged sequences, on a GPU.
// attention_backward_cpu.cl has the formulas, attention_forward_cpu.cl the layouts.
//
// Work-group (block, head, sequence) of attention_backward_query computes dq of the queries of a block,
// from a tile of keys at a time; that of attention_backward_key computes dk and dv of a block of keys,
// from a tile of queries at a time, after the former, which computes delta. So every sum has one owner and a
// fixed order.

// deltas[row] = dout . out of each row of the block over the columns of its head. All items of the group must
// call it.
ALWAYS_INLINE void load_deltas(__local float *deltas, __local float *scratch, attention_rows dout,
                               attention_rows out, int first, int item)
{
  const int row = item % BLOCK_ROWS;
  float sum = 0.0f;
  if (first + row < dout.count)
    for (int c = item / BLOCK_ROWS; c < HEAD_WIDTH; c += GROUP / BLOCK_ROWS)
      sum = fma(dout.data[(long)(first + row) * dout.stride + c],
                out.data[(long)(first + row) * out.stride + c], sum);
  scratch[item] = sum;
  barrier(CLK_LOCAL_MEM_FENCE);
  if (item < BLOCK_ROWS) {
    for (int other = item + BLOCK_ROWS; other < GROUP; other += BLOCK_ROWS) sum += scratch[other];
    deltas[item] = sum;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
}

// 2^(product * scale2 - logsumexp2), or 0 where `outside`.
static inline float4 probabilities(float4 product, float scale2, float4 logsumexp2, int4 outside)
{
  const float4 p = exp2(fma(product, (float4)(scale2), -logsumexp2));
  return outside ? (float4)(0.0f) : p;
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void attention_backward_query(
    __global const float *q, int q_column, int q_stride, __global const float *k, int k_column,
    int k_stride, __global const float *v, int v_column, int v_stride, __global const float *dout,
    __global const float *out, __global const float *logsumexp, __global float *delta,
    __global const float *dq_base, int has_base, __global float *dq, __global const int *q_offsets,
    __global const int *k_offsets, __global const int *sequences, float scale, uint threshold,
    float keep_scale, uint key0, uint key1, uint epoch)
{
  __local attention_tiles tiles;
  __local float scratch[GROUP], deltas[BLOCK_ROWS];
  const int item = get_local_id(0), block = get_group_id(0), head = get_group_id(1);
  const int b = get_group_id(2), heads = get_num_groups(1);
  const int x = item % ACROSS, y = item / ACROSS;
  const int q_first = q_offsets[b], queries = q_offsets[b + 1] - q_first;
  const int k_first = k_offsets[b], keys = k_offsets[b + 1] - k_first;
  const int first = block * BLOCK_ROWS, count = min(BLOCK_ROWS, queries - first);
  const attention_rows q_rows = rows_of(q, q_column, q_stride, q_first, queries, head);
  const attention_rows k_rows = rows_of(k, k_column, k_stride, k_first, keys, head);
  const attention_rows v_rows = rows_of(v, v_column, v_stride, k_first, keys, head);
  const attention_rows g_rows = rows_of(dout, 0, heads * HEAD_WIDTH, q_first, queries, head);
  const attention_rows out_rows = rows_of(out, 0, heads * HEAD_WIDTH, q_first, queries, head);
  const int shift = CAUSAL ? keys - queries : keys;
  const int begin = max(WINDOW_START(first + shift), 0) / TILE_ROWS * TILE_ROWS;
  const int end = count > 0 ? min(first + count + shift, keys) : 0;
  const uint sequence = DROPOUT && count > 0 ? sequences[q_first] : 0;
  load_deltas(deltas, scratch, g_rows, out_rows, first, item);
  if (item < count) delta[(long)(q_first + first + item) * heads + head] = deltas[item];

  float4 sums[CHUNKS][4];
  EACH_BELOW(chunk, CHUNKS)
    EACH_BELOW(i, 4) sums[chunk][i] = (float4)(0.0f);
  for (int j = begin; j < end; j += TILE_ROWS) {
    float4 score[4], dp[4];
    products(&tiles, q_rows, first, k_rows, j, item, score);
    products(&tiles, g_rows, first, v_rows, j, item, dp);
    // Read again for each tile: the compiler of Intel's CPU runtime 2026.22 loses them across
    // barriers.
    float logsumexp2[4];
    EACH_BELOW(i, 4) {
      const bool inside = 4 * y + i < count;
      const long n = inside ? (long)(q_first + first + 4 * y + i) * heads + head : 0;
      logsumexp2[i] = inside ? logsumexp[n] * LOG2_E : 0.0f;
    }
    EACH_BELOW(i, 4) {
      const int query = first + 4 * y + i, key = j + 4 * x;
      const int4 key4 = (int4)(key, key + 1, key + 2, key + 3);
      const int4 outside =
          key4 > min(query + shift, keys - 1) | key4 < WINDOW_START(query + shift);
      const float4 p = probabilities(score[i], scale * LOG2_E, (float4)(logsumexp2[i]), outside);
      dp[i] *= pair_factors(key, query, sequence, epoch << 8 | (uint)head, (uint2)(key0, key1),
                            threshold, keep_scale);
      score[i] = p * (dp[i] - deltas[4 * y + i]) * scale;
    }
    store_weights(&tiles, score, item);
    add_weighted_rows(&tiles, k_rows, j, item, sums);
  }
  const long at = (long)(q_first + first) * q_stride + q_column + head * HEAD_WIDTH;
  store_rows(sums, (float4)(1.0f), dq + at, dq_base + at, has_base, q_stride, count, item);
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void attention_backward_key(
    __global const float *q, int q_column, int q_stride, __global const float *k, int k_column,
    int k_stride, __global const float *v, int v_column, int v_stride, __global const float *dout,
    __global const float *logsumexp, __global const float *delta, __global const float *dk_base,
    int has_k_base, __global float *dk, __global const float *dv_base, int has_v_base,
    __global float *dv, __global const int *q_offsets, __global const int *k_offsets, __global const int *sequences,
    float scale, uint threshold, float keep_scale, uint key0, uint key1, uint epoch)
{
  __local attention_tiles tiles;
  const int item = get_local_id(0), block = get_group_id(0), head = get_group_id(1);
  const int b = get_group_id(2), heads = get_num_groups(1);
  const int x = item % ACROSS, y = item / ACROSS;
  const int q_first = q_offsets[b], queries = q_offsets[b + 1] - q_first;
  const int k_first = k_offsets[b], keys = k_offsets[b + 1] - k_first;
  const int first = block * BLOCK_ROWS, count = min(BLOCK_ROWS, keys - first);
  const attention_rows q_rows = rows_of(q, q_column, q_stride, q_first, queries, head);
  const attention_rows k_rows = rows_of(k, k_column, k_stride, k_first, keys, head);
  const attention_rows v_rows = rows_of(v, v_column, v_stride, k_first, keys, head);
  const attention_rows g_rows = rows_of(dout, 0, heads * HEAD_WIDTH, q_first, queries, head);
  const int shift = CAUSAL ? keys - queries : keys;
  const int begin = max(0, first - shift);
  const int last = WINDOW ? min(queries, first + count - 1 + WINDOW - shift) : queries;
  const int end = count > 0 ? last : 0;
  const uint sequence = DROPOUT && queries > 0 ? sequences[q_first] : 0;

  float4 key_sums[CHUNKS][4], value_sums[CHUNKS][4];
  EACH_BELOW(chunk, CHUNKS)
    EACH_BELOW(i, 4) key_sums[chunk][i] = value_sums[chunk][i] = (float4)(0.0f);
  for (int j = begin; j < end; j += TILE_ROWS) {
    float4 score[4], dp[4], mask[4];
    products(&tiles, k_rows, first, q_rows, j, item, score);
    products(&tiles, v_rows, first, g_rows, j, item, dp);
    float logsumexps[4], delta_of[4];
    EACH_BELOW(i, 4) {
      const int query = j + 4 * x + i;
      const long n = query < queries ? (long)(q_first + query) * heads + head : 0;
      logsumexps[i] = query < queries ? logsumexp[n] * LOG2_E : 0.0f;
      delta_of[i] = query < queries ? delta[n] : 0.0f;
      mask[i] = pair_factors(first + 4 * y, query, sequence, epoch << 8 | (uint)head,
                             (uint2)(key0, key1), threshold, keep_scale);
    }
    const float4 logsumexp2 =
        (float4)(logsumexps[0], logsumexps[1], logsumexps[2], logsumexps[3]);
    const float4 deltas = (float4)(delta_of[0], delta_of[1], delta_of[2], delta_of[3]);
    // A vector of mask is one query, a vector of scores one key: transpose.
    const float4 transposed[4] = {(float4)(mask[0].x, mask[1].x, mask[2].x, mask[3].x),
                                  (float4)(mask[0].y, mask[1].y, mask[2].y, mask[3].y),
                                  (float4)(mask[0].z, mask[1].z, mask[2].z, mask[3].z),
                                  (float4)(mask[0].w, mask[1].w, mask[2].w, mask[3].w)};
    const int4 query = (int4)(0, 1, 2, 3) + (j + 4 * x);
    EACH_BELOW(i, 4) {
      const int key = first + 4 * y + i;
      const int4 outside =
          (key > query + shift) | (query >= queries) | (key < WINDOW_START(query + shift));
      const float4 p =
          probabilities(score[i], scale * LOG2_E, logsumexp2, outside);
      score[i] = p * transposed[i];
      dp[i] = p * (dp[i] * transposed[i] - deltas) * scale;
    }
    store_weights(&tiles, score, item);
    add_weighted_rows(&tiles, g_rows, j, item, value_sums);
    barrier(CLK_LOCAL_MEM_FENCE);
    store_weights(&tiles, dp, item);
    add_weighted_rows(&tiles, q_rows, j, item, key_sums);
  }
  const long k_at = (long)(k_first + first) * k_stride + k_column + head * HEAD_WIDTH;
  const long v_at = (long)(k_first + first) * v_stride + v_column + head * HEAD_WIDTH;
  const float4 one = (float4)(1.0f);
  store_rows(key_sums, one, dk + k_at, dk_base + k_at, has_k_base, k_stride, count, item);
  store_rows(value_sums, one, dv + v_at, dv_base + v_at, has_v_base, v_stride, count, item);
}
