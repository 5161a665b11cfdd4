// The gradient of the queries of scaled dot-product attention, on a CPU. attention_backward_cpu.cl
// has the formulas. Work-group (block, head, sequence) computes dq of LANES queries, from
// BLOCK_ROWS keys at a time, and their delta for attention_backward_key.

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void attention_backward_query(
    __global const float *q, int q_column, int q_stride, __global const float *k, int k_column,
    int k_stride, __global const float *v, int v_column, int v_stride, __global const float *dout,
    __global const float *out, __global const float *logsumexp, __global float *delta,
    __global const float *dq_base, int has_base, __global float *dq, __global const int *q_offsets,
    __global const int *k_offsets, __global const int *sequences, float scale, uint threshold,
    float keep_scale, uint key0, uint key1, uint epoch
#if DROPOUT
    , __global const uint *dropped
#endif
)
{
  const int head = get_group_id(1), b = get_group_id(2), heads = get_num_groups(1);
  const int q_first = q_offsets[b], queries = q_offsets[b + 1] - q_first;
  const int k_first = k_offsets[b], keys = k_offsets[b + 1] - k_first;
  const int first = get_group_id(0) * LANES, last = min(first + LANES, queries) - 1;
  if (first > last) return;
  const int width = heads * HEAD_WIDTH;
  const long q_at = (long)q_first * q_stride + q_column + head * HEAD_WIDTH;
  k += (long)k_first * k_stride + k_column + head * HEAD_WIDTH;
  v += (long)k_first * v_stride + v_column + head * HEAD_WIDTH;
  dout += (long)q_first * width + head * HEAD_WIDTH;
  out += (long)q_first * width + head * HEAD_WIDTH;

  vf queries_packed[LANE_VECTORS * HEAD_WIDTH], douts_packed[LANE_VECTORS * HEAD_WIDTH];
  vf sums[LANE_VECTORS * HEAD_WIDTH];
  vf score[LANE_VECTORS * (BLOCK_ROWS + TILE_ROWS)], gradient[LANE_VECTORS * (BLOCK_ROWS + TILE_ROWS)];
  vf logsumexp2[LANE_VECTORS], deltas[LANE_VECTORS], one[LANE_VECTORS];
  EACH_LANE_VECTOR(u) one[u] = (vf)(1.0f);
  pack(q + q_at, q_stride, first, last, queries_packed);
  pack(dout, width, first, last, douts_packed);
  if (has_base)
    pack(dq_base + q_at, q_stride, first, last, sums);
  else
    for (int i = 0; i < LANE_VECTORS * HEAD_WIDTH; ++i) sums[i] = (vf)(0.0f);
  for (int i = 0; i < LANES; ++i) {
    const int row = min(first + i, last);
    const long n = (long)(q_first + row) * heads + head;
    ((float *)logsumexp2)[i] = logsumexp[n] * LOG2_E;
    if (first + i == row) delta[n] = row_product(dout + (long)row * width, out + (long)row * width);
    ((float *)deltas)[i] = delta[n];
  }
  const int first_visible = first + keys - queries;
  const int end = CAUSAL ? min(first_visible + last - first + 1, keys) : keys;
  const int begin = FIRST_KEY(first_visible);
  for (int j = begin; j < end; j += BLOCK_ROWS) {
    const int count = min(BLOCK_ROWS, end - j);
    for (int r = 0; r < count; r += TILE_ROWS) {
      tile_products(k, k_stride, j + r, keys - 1, queries_packed, score + LANE_VECTORS * r);
      tile_products(v, v_stride, j + r, keys - 1, douts_packed, gradient + LANE_VECTORS * r);
    }
    vu words[LANE_VECTORS];
    for (int r = 0; r < count; ++r) {
#if DROPOUT
      if (r % WORD_KEYS == 0)
        load_words(dropped + place_of_word((j + r - begin) / WORD_KEYS, head, q_first + first,
                                           q_offsets), words, last - first + 1);
#endif
      EACH_LANE_VECTOR(u)
      {
        const int i = LANE_VECTORS * r + u;
        vf p = probability(score[i], scale, logsumexp2[u]);
#if CAUSAL
        p = j + r > LANE_INDEX + (first_visible + u * VECTOR_WIDTH) ? (vf)(0.0f) : p;
#endif
#if WINDOW
        p = j + r <= LANE_INDEX + (first_visible + u * VECTOR_WIDTH - WINDOW) ? (vf)(0.0f) : p;
#endif
#if DROPOUT
        gradient[i] = (words[u] & 1u << r % WORD_KEYS) != 0 ? (vf)(0.0f) : gradient[i];
#endif
        score[i] = product_gradient(p, gradient[i], deltas[u], scale, keep_scale);
      }
    }
    weighted_sums(k + (long)j * k_stride, k_stride, count, score, one, sums);
  }
  __global float *to = dq + q_at + (long)first * q_stride;
  unpack(sums, last - first + 1, to, to, 0, q_stride);
}
