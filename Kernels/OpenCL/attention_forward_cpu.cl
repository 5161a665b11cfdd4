// Scaled dot-product attention of ragged sequences, forward, on a CPU.
//
//   out[n] = sum_j drop(p[n][j]) v[j],   p[n] = softmax_j(q[n] . k[j] / sqrt(K))     for each head
//
// Sequence b owns queries q_offsets[b] ..< q_offsets[b + 1] and keys k_offsets[b] ..< k_offsets[b + 1].
// If CAUSAL, query i of T sees key j of S when j - S <= i - T, so the last query sees every key, and
// with a WINDOW only the last WINDOW of these keys; else all queries see all keys. Row n of q begins at q + n * q_stride + q_column, and
// rows of k and v by their own strides and columns; a row holds H heads of K numbers. out is
// [N, H K]; the logarithm of each softmax sum is kept in logsumexp [N, H] for the backward pass. A
// query that sees no key gets zeros in out, and minus infinity in logsumexp.
//
// Work-group (block, head, sequence) computes LANES queries over all keys that they see, BLOCK_ROWS
// keys at a time, with a running maximum and sum (Milakov and Gimelshein 2018; Dao et al. 2022).

// Scores of `count` keys from `first_key` on, times log2 e; minus infinity where masked.
static inline void scores(__global const float *k, int k_stride, int first_key, int count,
                          int last_key, int first_visible, const vf *queries, vf *score)
{
  for (int j = 0; j < count; j += TILE_ROWS)
    tile_products(k, k_stride, first_key + j, last_key, queries, score + 2 * j);
#if CAUSAL
  // Lane i sees keys up to first_visible + i.
  const vi visible = LANE_INDEX + first_visible;
  for (int j = max(0, first_visible + 1 - first_key); j < count; ++j) {
    const int key = first_key + j;
    score[2 * j] = key > visible ? (vf)(-INFINITY) : score[2 * j];
    score[2 * j + 1] = key > visible + VECTOR_WIDTH ? (vf)(-INFINITY) : score[2 * j + 1];
  }
#if WINDOW
  const vi hidden = visible - WINDOW;
  for (int j = 0; j < min(count, first_visible + LANES - WINDOW - first_key); ++j) {
    const int key = first_key + j;
    score[2 * j] = key <= hidden ? (vf)(-INFINITY) : score[2 * j];
    score[2 * j + 1] = key <= hidden + VECTOR_WIDTH ? (vf)(-INFINITY) : score[2 * j + 1];
  }
#endif
#endif
}

// Turns scores into 2^(score - running maximum); `factor` rescales the sums so far to the new
// maximum.
static inline void running_softmax(vf *score, int count, vf *maximum, vf *sum, vf *factor)
{
  vf high[2] = {maximum[0], maximum[1]};
  for (int j = 0; j < count; ++j) {
    high[0] = score[2 * j] > high[0] ? score[2 * j] : high[0];
    high[1] = score[2 * j + 1] > high[1] ? score[2 * j + 1] : high[1];
  }
#pragma unroll
  for (int v = 0; v < 2; ++v) {
    factor[v] = exp2_or_zero(maximum[v] - high[v]);
    sum[v] *= factor[v];
    maximum[v] = high[v];
  }
  vf total[2] = {sum[0], sum[1]};
  for (int j = 0; j < count; ++j) {
    const vf left = exp2_or_zero(score[2 * j] - high[0]);
    const vf right = exp2_or_zero(score[2 * j + 1] - high[1]);
    total[0] += left;
    total[1] += right;
    score[2 * j] = left;
    score[2 * j + 1] = right;
  }
  sum[0] = total[0];
  sum[1] = total[1];
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void attention_forward(
    __global const float *q, int q_column, int q_stride, __global const float *k, int k_column,
    int k_stride, __global const float *v, int v_column, int v_stride, __global float *out,
    __global float *logsumexp, __global const int *q_offsets, __global const int *k_offsets,
    __global const int *sequences, float scale, uint threshold, float keep_scale, uint key0,
    uint key1, uint epoch)
{
  const int head = get_group_id(1), b = get_group_id(2), heads = get_num_groups(1);
  const int q_first = q_offsets[b], queries = q_offsets[b + 1] - q_first;
  const int k_first = k_offsets[b], keys = k_offsets[b + 1] - k_first;
  const int first = get_group_id(0) * LANES, last = min(first + LANES, queries) - 1;
  if (first > last) return;
  q += (long)q_first * q_stride + q_column + head * HEAD_WIDTH;
  k += (long)k_first * k_stride + k_column + head * HEAD_WIDTH;
  v += (long)k_first * v_stride + v_column + head * HEAD_WIDTH;

  vf packed[2 * HEAD_WIDTH], sums[2 * HEAD_WIDTH], score[2 * (BLOCK_ROWS + TILE_ROWS)];
  pack(q, q_stride, first, last, packed);
  for (int i = 0; i < 2 * HEAD_WIDTH; ++i) {
    packed[i] *= scale * LOG2_E;
    sums[i] = (vf)(0.0f);
  }
  vf maximum[2] = {(vf)(-1e30f), (vf)(-1e30f)}, sum[2] = {(vf)(0.0f), (vf)(0.0f)}, factor[2];
  const int first_visible = first + keys - queries;
  const int end = CAUSAL ? min(first_visible + last - first + 1, keys) : keys;
#if DROPOUT
  const attention_random random = make_random(key0, key1, epoch, head, sequences[q_first]);
  const query_random query_lanes = make_query_random(&random, first);
#endif
  // A multiple of four, for dropout.
  const int begin = WINDOW ? max(0, first_visible - WINDOW + 1) / 4 * 4 : 0;
  for (int j = begin; j < end; j += BLOCK_ROWS) {
    const int count = min(BLOCK_ROWS, end - j);
    scores(k, k_stride, j, count, keys - 1, first_visible, packed, score);
    running_softmax(score, count, maximum, sum, factor);
#if DROPOUT
    for (int i = 0; i < count; i += 4)
      drop_queries(&random, &query_lanes, (j + i) / 4, threshold, score + 2 * i);
#endif
    weighted_sums(v + (long)j * v_stride, v_stride, count, score, factor, sums);
  }

  vf inverse[2], logarithm[2];
  for (int i = 0; i < 2; ++i) {
    inverse[i] = sum[i] > (vf)(0.0f) ? keep_scale / sum[i] : (vf)(0.0f);
    logarithm[i] = maximum[i] * (1.0f / LOG2_E) + log(sum[i]);
  }
  for (int i = 0; i < 2 * HEAD_WIDTH; ++i) sums[i] *= inverse[i % 2];
  const int width = heads * HEAD_WIDTH;
  __global float *to = out + (long)(q_first + first) * width + head * HEAD_WIDTH;
  unpack(sums, last - first + 1, to, to, 0, width);
  for (int i = 0; i <= last - first; ++i)
    logsumexp[(long)(q_first + first + i) * heads + head] = ((const float *)logarithm)[i];
}
