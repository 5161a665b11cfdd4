// Register tiles of scaled dot-product attention on a CPU, shared by its forward and backward pass.
// Compiled after tile_cpu.cl.
//
// A work-item holds a block of LANES queries (or keys) as the lanes of LANE_VECTORS vectors,
// transposed: packed[k][lane]. A wider block would compute more masked pairs, and more lanes without a
// query. The rows of the other side are read in place, one after another, each number broadcast to all
// lanes. So the other side is neither padded nor copied, any head width fits, and the softmax of a
// block of queries needs no shuffles: maxima and sums are taken over whole vectors. All products are
// summed in the order of the rows, so that blocks of any size round alike.

#pragma OPENCL FP_CONTRACT OFF  // the fused and the split backward pass must round alike

#ifndef HEAD_WIDTH
#define HEAD_WIDTH 32  // K, width of one head
#endif
#ifndef CAUSAL
#define CAUSAL 1  // whether a query sees keys up to its own time only; the last query sees all
#endif
#ifndef WINDOW
#define WINDOW 0  // maximum number of keys that a query sees, the last ones; 0 for no maximum
#endif
#ifndef DROPOUT
#define DROPOUT 0  // whether probabilities are dropped
#endif
#ifndef BLOCK_ROWS
#define BLOCK_ROWS 96  // rows whose scores a work-item holds at a time; a multiple of 32
#endif
#define LANES PANEL  // queries or keys of a work-item; the host chooses 16
#define LANE_VECTORS TILE_VECTORS
#define EACH_LANE_VECTOR(v) EACH_BELOW(v, LANE_VECTORS)
#define LAST_COLUMNS (HEAD_WIDTH % TILE_ROWS)  // columns after the last whole tile

#if VECTOR_WIDTH == 16
#define LANE_INDEX (vi)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#else
#define LANE_INDEX (vi)(0, 1, 2, 3, 4, 5, 6, 7)
#endif

typedef float4 float4_unaligned __attribute__((aligned(4)));

// 2^x for x below 128; 0 below -126, so that masked scores vanish.
static inline vf exp2_or_zero(vf x) { return x < (vf)(-126.0f) ? (vf)(0.0f) : exp2v(x); }

// p = exp(product * scale - logsumexp); logsumexp2 = logsumexp * log2 e.
static inline vf probability(vf product, float scale, vf logsumexp2)
{
  return exp2_or_zero(fma(product, (vf)(scale * LOG2_E), -logsumexp2));
}

// The gradient of a product q . k from p and dp = drop(dout . v).
static inline vf product_gradient(vf p, vf dp, vf delta, float scale, float keep_scale)
{
  return p * scale * fma(dp, (vf)(keep_scale), -delta);
}

// Columns c ..< c + VECTOR_WIDTH of a row of one head.
#define load_columns(row, c) load_lanes((row) + (c), HEAD_WIDTH - (c))
#define store_columns(row, c, value) store_lanes((row) + (c), value, HEAD_WIDTH - (c))

// The product of two rows of one head.
static inline float row_product(__global const float *a, __global const float *b)
{
  vf sum = (vf)(0.0f);
  for (int c = 0; c < HEAD_WIDTH; c += VECTOR_WIDTH)
    sum = fma(load_columns(a, c), load_columns(b, c), sum);
  return sumv(sum);
}

// products[i][lane] = sum_k rows[first + i][k] packed[k][lane] for TILE_ROWS rows; row `last`
// stands in for rows after it.
static inline void tile_products(__global const float *rows, int stride, int first, int last,
                                 const vf *packed, vf *products)
{
  vf sum[TILE_ROWS][LANE_VECTORS];
  __global const float *row[TILE_ROWS];
  EACH_BELOW(i, TILE_ROWS)
  {
    row[i] = rows + (long)min(first + i, last) * stride;
    EACH_LANE_VECTOR(v) sum[i][v] = (vf)(0.0f);
  }
#define ROW_OF_HEAD(i) row[i]
  MULTIPLY_TILE_OF(TILE_ROWS, LANE_VECTORS, sum, ROW_OF_HEAD, 1, packed, HEAD_WIDTH)
  EACH_BELOW(i, TILE_ROWS)
  EACH_LANE_VECTOR(v) products[LANE_VECTORS * i + v] = sum[i][v];
}

// sums[c][lane] = factor[lane] sums[c][lane] + sum_j rows[j][c] weights[j][lane] for COLUMNS
// columns.
#define COLUMN_OF_HEAD(c) (rows + (c))
#define DEFINE_TILE_SUMS(NAME, COLUMNS)                                                          \
  static inline void NAME(__global const float *rows, int stride, int count, const vf *weights, \
                          const vf *factor, vf *sums)                                           \
  {                                                                                             \
    vf sum[COLUMNS][LANE_VECTORS];                                                              \
    EACH_BELOW(c, COLUMNS)                                                                      \
    EACH_LANE_VECTOR(v) sum[c][v] = sums[LANE_VECTORS * c + v] * factor[v];                     \
    MULTIPLY_TILE_OF(COLUMNS, LANE_VECTORS, sum, COLUMN_OF_HEAD, stride, weights, count)        \
    EACH_BELOW(c, COLUMNS)                                                                      \
    EACH_LANE_VECTOR(v) sums[LANE_VECTORS * c + v] = sum[c][v];                                 \
  }

DEFINE_TILE_SUMS(tile_sums, TILE_ROWS)
#if LAST_COLUMNS
DEFINE_TILE_SUMS(last_tile_sums, LAST_COLUMNS)
#endif

// The same for all columns.
static inline void weighted_sums(__global const float *rows, int stride, int count,
                                 const vf *weights, const vf *factor, vf *sums)
{
  int c = 0;
  for (; c + TILE_ROWS <= HEAD_WIDTH; c += TILE_ROWS)
    tile_sums(rows + c, stride, count, weights, factor, sums + LANE_VECTORS * c);
#if LAST_COLUMNS
  last_tile_sums(rows + c, stride, count, weights, factor, sums + LANE_VECTORS * c);
#endif
}

#define TRANSPOSE4(a, b, c, d)                                                                    \
  {                                                                                               \
    const float4 first = (float4)(a.x, b.x, c.x, d.x), second = (float4)(a.y, b.y, c.y, d.y);     \
    const float4 third = (float4)(a.z, b.z, c.z, d.z), fourth = (float4)(a.w, b.w, c.w, d.w);     \
    a = first, b = second, c = third, d = fourth;                                                 \
  }

// packed[k][lane] = rows[min(first + lane, last)][k]
static inline void pack(__global const float *rows, int stride, int first, int last, vf *packed)
{
  float *to = (float *)packed;
  for (int lane = 0; lane < LANES; lane += 4) {
    __global const float *row[4];
    for (int i = 0; i < 4; ++i) row[i] = rows + (long)min(first + lane + i, last) * stride;
    int k = 0;
    for (; k + 4 <= HEAD_WIDTH; k += 4) {
      float4 x[4];
      for (int i = 0; i < 4; ++i) x[i] = *(__global const float4_unaligned *)(row[i] + k);
      TRANSPOSE4(x[0], x[1], x[2], x[3])
      for (int i = 0; i < 4; ++i) *(float4 *)(to + (k + i) * LANES + lane) = x[i];
    }
    for (; k < HEAD_WIDTH; ++k)
      for (int i = 0; i < 4; ++i) to[k * LANES + lane + i] = row[i][k];
  }
}

// rows[lane][k] = packed[k][lane], plus base[lane][k] if `has_base`, for the first `count` lanes.
static inline void unpack(const vf *packed, int count, __global float *rows,
                          __global const float *base, int has_base, int stride)
{
  const float *from = (const float *)packed;
  for (int lane = 0; lane < count; lane += 4) {
    const long at = (long)lane * stride;
    int k = 0;
    for (; k + 4 <= HEAD_WIDTH && lane + 4 <= count; k += 4) {
      float4 x[4];
      for (int i = 0; i < 4; ++i) x[i] = *(const float4 *)(from + (k + i) * LANES + lane);
      TRANSPOSE4(x[0], x[1], x[2], x[3])
      for (int i = 0; i < 4; ++i) {
        const long place = at + (long)i * stride + k;
        if (has_base) x[i] += *(__global const float4_unaligned *)(base + place);
        *(__global float4_unaligned *)(rows + place) = x[i];
      }
    }
    for (; k < HEAD_WIDTH; ++k)
      for (int i = 0; i < min(4, count - lane); ++i) {
        const long place = at + (long)i * stride + k;
        rows[place] = from[k * LANES + lane + i] + (has_base ? base[place] : 0.0f);
      }
  }
}
