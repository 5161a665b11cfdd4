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
// keys at a time, with a running maximum and sum (Milakov and Gimelshein 2018; Dao et al. 2022). With
// dropout it keeps one bit per pair in `dropped` for the backward pass.

// Scores of `count` keys from `first_key` on, times log2 e; minus infinity where masked.
static inline void scores(__global const float *k, int k_stride, int first_key, int count,
                          int last_key, int first_visible, const vf *queries, vf *score)
{
  for (int j = 0; j < count; j += TILE_ROWS)
    tile_products(k, k_stride, first_key + j, last_key, queries, score + LANE_VECTORS * j);
#if CAUSAL
  // Lane i sees keys up to first_visible + i.
  const vi visible = LANE_INDEX + first_visible;
  for (int j = max(0, first_visible + 1 - first_key); j < count; ++j) {
    const int key = first_key + j;
    vf *row = score + LANE_VECTORS * j;
    EACH_LANE_VECTOR(v)
    row[v] = key > visible + v * VECTOR_WIDTH ? (vf)(-INFINITY) : row[v];
  }
#if WINDOW
  const vi hidden = visible - WINDOW;
  for (int j = 0; j < min(count, first_visible + LANES - WINDOW - first_key); ++j) {
    const int key = first_key + j;
    vf *row = score + LANE_VECTORS * j;
    EACH_LANE_VECTOR(v)
    row[v] = key <= hidden + v * VECTOR_WIDTH ? (vf)(-INFINITY) : row[v];
  }
#endif
#endif
}

// Turns scores into 2^(score - running maximum); `factor` rescales the sums so far to the new
// maximum.
static inline void running_softmax(vf *score, int count, vf *maximum, vf *sum, vf *factor)
{
  vf high[LANE_VECTORS], total[LANE_VECTORS];
  EACH_LANE_VECTOR(v) high[v] = maximum[v];
  for (int j = 0; j < count; ++j)
    EACH_LANE_VECTOR(v)
    high[v] = score[LANE_VECTORS * j + v] > high[v] ? score[LANE_VECTORS * j + v] : high[v];
  EACH_LANE_VECTOR(v)
  {
    factor[v] = exp2_or_zero(maximum[v] - high[v]);
    total[v] = sum[v] * factor[v];
    maximum[v] = high[v];
  }
  for (int j = 0; j < count; ++j)
    EACH_LANE_VECTOR(v)
    {
      const vf power = exp2_or_zero(score[LANE_VECTORS * j + v] - high[v]);
      total[v] += power;
      score[LANE_VECTORS * j + v] = power;
    }
  EACH_LANE_VECTOR(v) sum[v] = total[v];
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void attention_forward(
    __global const float *q, int q_column, int q_stride, __global const float *k, int k_column,
    int k_stride, __global const float *v, int v_column, int v_stride, __global float *out,
    __global float *logsumexp, __global const int *q_offsets, __global const int *k_offsets,
    __global const int *sequences, float scale, uint threshold, float keep_scale, uint key0,
    uint key1, uint epoch
#if DROPOUT
    , __global uint *dropped
#endif
)
{
  const int head = get_group_id(1), b = get_group_id(2), heads = get_num_groups(1);
  const int q_first = q_offsets[b], queries = q_offsets[b + 1] - q_first;
  const int k_first = k_offsets[b], keys = k_offsets[b + 1] - k_first;
  const int first = get_group_id(0) * LANES, last = min(first + LANES, queries) - 1;
  if (first > last) return;
  q += (long)q_first * q_stride + q_column + head * HEAD_WIDTH;
  k += (long)k_first * k_stride + k_column + head * HEAD_WIDTH;
  v += (long)k_first * v_stride + v_column + head * HEAD_WIDTH;

  vf packed[LANE_VECTORS * HEAD_WIDTH], sums[LANE_VECTORS * HEAD_WIDTH];
  vf score[LANE_VECTORS * (BLOCK_ROWS + TILE_ROWS)];
  pack(q, q_stride, first, last, packed);
  for (int i = 0; i < LANE_VECTORS * HEAD_WIDTH; ++i) {
    packed[i] *= scale * LOG2_E;
    sums[i] = (vf)(0.0f);
  }
  vf maximum[LANE_VECTORS], sum[LANE_VECTORS], factor[LANE_VECTORS];
  EACH_LANE_VECTOR(v)
  {
    maximum[v] = (vf)(-1e30f);
    sum[v] = (vf)(0.0f);
  }
  const int first_visible = first + keys - queries;
  const int end = CAUSAL ? min(first_visible + last - first + 1, keys) : keys;
#if DROPOUT
  const attention_random random = make_random(key0, key1, epoch, head, sequences[q_first]);
  const query_random query_lanes = make_query_random(&random, first);
#endif
  const int begin = FIRST_KEY(first_visible);
  for (int j = begin; j < end; j += BLOCK_ROWS) {
    const int count = min(BLOCK_ROWS, end - j);
    scores(k, k_stride, j, count, keys - 1, first_visible, packed, score);
    running_softmax(score, count, maximum, sum, factor);
#if DROPOUT
    for (int i = 0; i < count; i += WORD_KEYS) {
      vu words[LANE_VECTORS];
      draw_words(&random, &query_lanes, (j + i) / 4, min(count - i, WORD_KEYS), threshold,
                 score + LANE_VECTORS * i, words);
      store_words(dropped + place_of_word((j + i - begin) / WORD_KEYS, head, q_first + first,
                                          q_offsets), words, last - first + 1);
    }
#endif
    weighted_sums(v + (long)j * v_stride, v_stride, count, score, factor, sums);
  }

  vf inverse[LANE_VECTORS], logarithm[LANE_VECTORS];
  EACH_LANE_VECTOR(v)
  {
    inverse[v] = sum[v] > (vf)(0.0f) ? keep_scale / sum[v] : (vf)(0.0f);
    logarithm[v] = maximum[v] * (1.0f / LOG2_E) + log(sum[v]);
  }
  for (int i = 0; i < LANE_VECTORS * HEAD_WIDTH; ++i) sums[i] *= inverse[i % LANE_VECTORS];
  const int width = heads * HEAD_WIDTH;
  __global float *to = out + (long)(q_first + first) * width + head * HEAD_WIDTH;
  unpack(sums, last - first + 1, to, to, 0, width);
  for (int i = 0; i <= last - first; ++i)
    logsumexp[(long)(q_first + first + i) * heads + head] = ((const float *)logarithm)[i];
}
