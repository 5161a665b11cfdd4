// Gradients of scaled dot-product attention of ragged sequences, on a CPU. attention_forward_cpu.cl
// has the layouts. With p[n][j] = exp(q[n] . k[j] / sqrt(K) - logsumexp[n]) of each head:
//
//   dv[j] = sum_n drop(p[n][j]) dout[n]
//   ds[n][j] = p[n][j] (drop(dout[n] . v[j]) - delta[n]) / sqrt(K),   delta[n] = dout[n] . out[n]
//   dq[n] = sum_j ds[n][j] k[j],   dk[j] = sum_n ds[n][j] q[n]
//
// Gradients have the layout of their inputs (dq has the column and stride of q). If an input `has` one,
// its base is added; it may be the same memory. Only out, logsumexp and the bits of dropped pairs are kept from
// the forward pass: probabilities are computed again.
//
// attention_backward_key: work-group (block, head, sequence) computes dk and dv of LANES keys, from
// BLOCK_ROWS queries at a time. If FUSED, one work-group per head and sequence computes all keys,
// LANES at a time, and adds to the rows of dq as well: five products in all. Without FUSED this
// kernel and attention_backward_query, which must run before it and computes delta, need seven, but spread a few long sequences over more
// work-groups. Both forms add in the same order and give the same bits.

#ifndef FUSED
#define FUSED 0  // whether one work-group computes all gradients of a sequence
#endif
#define VECTORS ((HEAD_WIDTH + VECTOR_WIDTH - 1) / VECTOR_WIDTH)
#define EVEN_VECTORS (VECTORS + VECTORS % 2)
#ifndef SUM_ROWS
#define SUM_ROWS (VECTOR_WIDTH == 16 ? 8 : 6)  // of two vectors each: 12 or 16 sums per tile
#endif

#if FUSED
// rows[i] += sum_j weights[i][j] key_rows[j] for ROWS queries and `count` keys.
#define DEFINE_ADD_ROWS(NAME, ROWS)                                                             \
  static inline void NAME(const vf *weights, const vf *key_rows, int count,                     \
                          __global float *rows, int stride)                                     \
  {                                                                                             \
    for (int c = 0; c < EVEN_VECTORS; c += 2) {                                                 \
      vf sum[ROWS][2];                                                                          \
      _Pragma("unroll") for (int i = 0; i < ROWS; ++i) {                                        \
        sum[i][0] = load_columns(rows + (long)i * stride, c * VECTOR_WIDTH);                    \
        sum[i][1] = load_columns(rows + (long)i * stride, (c + 1) * VECTOR_WIDTH);              \
      }                                                                                         \
      for (int j = 0; j < count; ++j) {                                                         \
        const vf *key_row = key_rows + j * EVEN_VECTORS + c;                                    \
        _Pragma("unroll") for (int i = 0; i < ROWS; ++i) {                                      \
          const vf x = (vf)(((const float *)weights)[i * LANES + j]);                           \
          sum[i][0] = fma(x, key_row[0], sum[i][0]);                                            \
          sum[i][1] = fma(x, key_row[1], sum[i][1]);                                            \
        }                                                                                       \
      }                                                                                         \
      _Pragma("unroll") for (int i = 0; i < ROWS; ++i) {                                        \
        store_columns(rows + (long)i * stride, c * VECTOR_WIDTH, sum[i][0]);                    \
        store_columns(rows + (long)i * stride, (c + 1) * VECTOR_WIDTH, sum[i][1]);              \
      }                                                                                         \
    }                                                                                           \
  }

DEFINE_ADD_ROWS(add_tile_rows, SUM_ROWS)
DEFINE_ADD_ROWS(add_row, 1)

static inline void add_to_rows(const vf *weights, int row_count, const vf *key_rows, int key_count,
                               __global float *rows, int stride)
{
  int i = 0;
  for (; i + SUM_ROWS <= row_count; i += SUM_ROWS)
    add_tile_rows(weights + LANE_VECTORS * i, key_rows, key_count, rows + (long)i * stride, stride);
  for (; i < row_count; ++i)
    add_row(weights + LANE_VECTORS * i, key_rows, key_count, rows + (long)i * stride, stride);
}
#endif

// From products q . k and dout . v of one query and LANES keys: drop(p) and the gradients of q . k. Bit i of
// `bits` says whether the pair with key i is dropped.
static inline void score_gradients(vf *score, vf *gradient, int query, int first_query,
                                   float logsumexp2, float delta, float scale, float keep_scale,
                                   uint bits)
{
  EACH_LANE_VECTOR(v)
  {
    vf p = probability(score[v], scale, (vf)(logsumexp2));
#if CAUSAL
    // Lane 0 is seen by queries from first_query on, lane i by queries from first_query + i on.
    p = LANE_INDEX + (first_query + v * VECTOR_WIDTH) > query ? (vf)(0.0f) : p;
#endif
#if WINDOW
    p = LANE_INDEX + (first_query + v * VECTOR_WIDTH + WINDOW) <= query ? (vf)(0.0f) : p;
#endif
    score[v] = p;
#if DROPOUT
    const vi is_dropped = ((vi)(bits) >> (LANE_INDEX + v * VECTOR_WIDTH) & 1) != 0;
    score[v] = is_dropped ? (vf)(0.0f) : p;
    gradient[v] = is_dropped ? (vf)(0.0f) : gradient[v];
#endif
    gradient[v] = product_gradient(p, gradient[v], (vf)(delta), scale, keep_scale);
  }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void attention_backward_key(
    __global const float *q, int q_column, int q_stride, __global const float *k, int k_column,
    int k_stride, __global const float *v, int v_column, int v_stride, __global const float *dout,
#if FUSED
    __global const float *out, __global const float *logsumexp, __global float *delta,
    __global const float *dq_base, int has_q_base, __global float *dq,
#else
    __global const float *logsumexp, __global const float *delta,
#endif
    __global const float *dk_base, int has_k_base, __global float *dk,
    __global const float *dv_base, int has_v_base, __global float *dv,
    __global const int *q_offsets, __global const int *k_offsets, __global const int *sequences, float scale, uint threshold,
    float keep_scale, uint key0, uint key1, uint epoch
#if DROPOUT
    , __global const uint *dropped
#endif
)
{
  const int head = get_group_id(1), b = get_group_id(2), heads = get_num_groups(1);
  const int q_first = q_offsets[b], queries = q_offsets[b + 1] - q_first;
  const int k_first = k_offsets[b], keys = k_offsets[b + 1] - k_first;
  const int width = heads * HEAD_WIDTH;
  const long q_at = (long)q_first * q_stride + q_column + head * HEAD_WIDTH;
  const long k_at = (long)k_first * k_stride + k_column + head * HEAD_WIDTH;
  const long v_at = (long)k_first * v_stride + v_column + head * HEAD_WIDTH;
  dout += (long)q_first * width + head * HEAD_WIDTH;
  logsumexp += (long)q_first * heads + head;
  delta += (long)q_first * heads + head;

  vf keys_packed[LANE_VECTORS * HEAD_WIDTH], values_packed[LANE_VECTORS * HEAD_WIDTH];
  vf key_sums[LANE_VECTORS * HEAD_WIDTH], value_sums[LANE_VECTORS * HEAD_WIDTH];
  vf score[LANE_VECTORS * (BLOCK_ROWS + TILE_ROWS)], gradient[LANE_VECTORS * (BLOCK_ROWS + TILE_ROWS)];
  vf one[LANE_VECTORS];
  EACH_LANE_VECTOR(u) one[u] = (vf)(1.0f);
#if FUSED
  vf key_rows[LANES * EVEN_VECTORS];
  const int begin = 0, end = keys;
  out += (long)q_first * width + head * HEAD_WIDTH;
  for (int i = 0; i < queries; ++i) {
    delta[(long)i * heads] = row_product(dout + (long)i * width, out + (long)i * width);
    for (int c = 0; c < HEAD_WIDTH; c += VECTOR_WIDTH) {
      const long row = q_at + (long)i * q_stride;
      store_columns(dq + row, c, has_q_base ? load_columns(dq_base + row, c) : (vf)(0.0f));
    }
  }
#else
  const int begin = get_group_id(0) * LANES, end = min(begin + LANES, keys);
#endif
  for (int first = begin; first < end; first += LANES) {
    const int count = min(LANES, keys - first);
    pack(k + k_at, k_stride, first, keys - 1, keys_packed);
    pack(v + v_at, v_stride, first, keys - 1, values_packed);
    for (int i = 0; i < LANE_VECTORS * HEAD_WIDTH; ++i) key_sums[i] = value_sums[i] = (vf)(0.0f);
#if FUSED
    for (int i = 0; i < count * EVEN_VECTORS; ++i)
      key_rows[i] = load_columns(k + k_at + (long)(first + i / EVEN_VECTORS) * k_stride,
                                 i % EVEN_VECTORS * VECTOR_WIDTH);
#endif
    const int first_query = first + queries - keys;
    const int last_query = WINDOW ? min(queries, first_query + count - 1 + WINDOW) : queries;
    for (int i = CAUSAL ? max(0, first_query) : 0; i < last_query; i += BLOCK_ROWS) {
      const int rows = min(BLOCK_ROWS, last_query - i);
      for (int r = 0; r < rows; r += TILE_ROWS) {
        tile_products(q + q_at, q_stride, i + r, queries - 1, keys_packed, score + LANE_VECTORS * r);
        tile_products(dout, width, i + r, queries - 1, values_packed, gradient + LANE_VECTORS * r);
      }
      for (int r = 0; r < rows; ++r) {
        const int n = (i + r) * heads;
        uint bits = 0;
#if DROPOUT
        bits = key_bits(dropped, first, i + r, keys - queries, head, q_first, q_offsets);
#endif
        score_gradients(score + LANE_VECTORS * r, gradient + LANE_VECTORS * r, i + r, first_query,
                        logsumexp[n] * LOG2_E, delta[n], scale, keep_scale, bits);
      }
      weighted_sums(dout + (long)i * width, width, rows, score, one, value_sums);
      weighted_sums(q + q_at + (long)i * q_stride, q_stride, rows, gradient, one, key_sums);
#if FUSED
      add_to_rows(gradient, rows, key_rows, count, dq + q_at + (long)i * q_stride, q_stride);
#endif
    }
    for (int i = 0; i < LANE_VECTORS * HEAD_WIDTH; ++i) value_sums[i] *= keep_scale;
    const long k_to = k_at + (long)first * k_stride, v_to = v_at + (long)first * v_stride;
    unpack(key_sums, count, dk + k_to, dk_base + k_to, has_k_base, k_stride);
    unpack(value_sums, count, dv + v_to, dv_base + v_to, has_v_base, v_stride);
  }
}
