// C[M,N] = A[K,M]^T B[K,N] on a CPU for a long K, in splits of K that matmul_reduce adds;
// row-major. Compiled after matmul_common.cl and tile_cpu.cl.

#define SPLIT_K 80                                   // steps packed at a time
#define SPLIT_TILES 43                               // of TILE_ROWS: 258 columns of A
#define SPLIT_PANELS (256 / PANEL)                   // 256 columns of B
// Tiles of A are written eight floats at a time, so each has room for eight more at its end.
#define TILE_STRIDE (SPLIT_K * TILE_ROWS + 8)
typedef float8 float8_unaligned __attribute__((aligned(4)));

// Packing reads whole vectors, and so may read past the end of a row: the start of the next row,
// whose sums are never stored. Only the last row of a matrix, and rows shorter than a vector, are
// read lane by lane.

static inline float8 load8(const __global float *a, int lanes)
{
  if (lanes >= 8) return *(const __global float8_unaligned *)a;
  union { float8 vector; float lanes[8]; } part;
  for (int lane = 0; lane < 8; ++lane) part.lanes[lane] = lane < lanes ? a[lane] : 0.0f;
  return part.vector;
}

// Rows of A[depth, m] into tiles of TILE_ROWS columns, four at a time, and their column sums.
static inline void pack_split_a(const __global float *a, int depth, int whole, int m, int lda,
                                float *tiles, float8 *column_sums)
{
  int p = 0;
  for (; p + 4 <= whole; p += 4, a += 4 * (size_t)lda)
    for (int i = 0, t = 0; i < m; i += TILE_ROWS, ++t) {
      float8 rows[4];
#pragma unroll
      for (int r = 0; r < 4; ++r) {
        rows[r] = *(const __global float8_unaligned *)(a + (size_t)r * lda + i);
        *(float8_unaligned *)(tiles + t * TILE_STRIDE + (p + r) * TILE_ROWS) = rows[r];
      }
      column_sums[t] += (rows[0] + rows[1]) + (rows[2] + rows[3]);
    }
  for (; p < depth; ++p, a += lda)
    for (int i = 0, t = 0; i < m; i += TILE_ROWS, ++t) {
      const float8 row = load8(a + i, p < whole ? 8 : m - i);
      *(float8_unaligned *)(tiles + t * TILE_STRIDE + p * TILE_ROWS) = row;
      column_sums[t] += row;
    }
}

// Rows of B[depth, n] into panels.
static inline void pack_split_b(const __global float *b, int depth, int whole, int n, int ldb,
                                vf *panels)
{
  for (int p = 0; p < depth; ++p, b += ldb)
    for (int j = 0, q = p; j < n; j += PANEL, q += SPLIT_K)
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; ++v) {
        const int at = j + v * VECTOR_WIDTH;
        panels[q * TILE_VECTORS + v] =
            load_lanes(b + at, p < whole ? VECTOR_WIDTH : n - at);
      }
}

// partial[batch][split][M,N] = A[K,M]^T B[K,N] over the split's `slice` steps of K, and after it,
// if has_sums, the M column sums of A (gradients of a bias). matmul_reduce adds the splits.
//
// A work-group packs SPLIT_K rows of A and B at a time, reading both in order, into buffers that
// stay in the L2 cache; while it multiplies them, the next rows are prefetched from memory.
// Grid: (splits, blocks of M x blocks of N, batch).
ONE_ITEM __kernel void matmul_splits(
    __global const float *a, __global const float *b, __global float *partial, const int has_sums,
    const int m, const int n, const int k, const int lda, const int ldb, const long a_stride,
    const long b_stride, const int slice, const int split_size)
{
  const int blocks_n = (n + SPLIT_PANELS * PANEL - 1) / (SPLIT_PANELS * PANEL);
  const int split = get_group_id(0);
  const int batch = get_group_id(2);
  const int i_start = (int)get_group_id(1) / blocks_n * SPLIT_TILES * TILE_ROWS;
  const int j_start = (int)get_group_id(1) % blocks_n * SPLIT_PANELS * PANEL;
  const int height = min(SPLIT_TILES * TILE_ROWS, m - i_start);
  const int width = min(SPLIT_PANELS * PANEL, n - j_start);
  const int first = split * slice;
  const int end = min(k, first + slice);
  const int tile_count =
      (height + TILE_ROWS - 1) / TILE_ROWS * ((width + PANEL - 1) / PANEL);
  const int rows_ahead = (SPLIT_K + tile_count - 1) / tile_count;
  float tiles[SPLIT_TILES * TILE_STRIDE];
  vf panels[SPLIT_PANELS * SPLIT_K * TILE_VECTORS];
  float8 column_sums[SPLIT_TILES];
  for (int t = 0; t < SPLIT_TILES; ++t) column_sums[t] = (float8)(0.0f);
  partial += ((size_t)batch * get_num_groups(0) + split) * split_size;
  a += batch * a_stride + i_start;
  b += batch * b_stride + j_start;
  for (int start = first; start == first || start < end; start += SPLIT_K) {
    const int depth = min(SPLIT_K, end - start);
    const int whole = min(depth, k - 1 - start);
    pack_split_a(a + (size_t)start * lda, depth, lda >= 8 ? whole : 0, height, lda, tiles,
                 column_sums);
    pack_split_b(b + (size_t)start * ldb, depth, ldb >= PANEL ? whole : 0, width, ldb, panels);
    int ahead = start + depth;
    const int end_ahead = min(end, ahead + SPLIT_K);
    for (int j = 0, q = 0; j < width; j += PANEL, ++q)
      for (int i = 0, t = 0; i < height; i += TILE_ROWS, ++t) {
        const vf *panel = panels + q * SPLIT_K * TILE_VECTORS;
        const float *tile = tiles + t * TILE_STRIDE;
        for (int row = 0; row < rows_ahead && ahead < end_ahead; ++row, ++ahead) {
          for (int x = 0; x < height; x += 16) PREFETCH_LINE(a + (size_t)ahead * lda + x);
          for (int x = 0; x < width; x += 16) PREFETCH_LINE(b + (size_t)ahead * ldb + x);
        }
        vf sums[TILE_ROWS][TILE_VECTORS];
        EACH_SUM(r, v) sums[r][v] = (vf)(0.0f);
#define TILE_ROW(r) (tile + r)
        MULTIPLY_TILE(sums, TILE_ROW, TILE_ROWS, panel, depth)
        __global float *corner = partial + (size_t)(i_start + i) * n + j_start + j;
#define ADD_TO_PARTIAL(r, v, sum, lanes)                                                   \
  {                                                                                        \
    __global float *c = corner + (size_t)(r) * n + (v) * VECTOR_WIDTH;                     \
    store_lanes(c, start > first ? sum + load_lanes(c, lanes) : sum, lanes);               \
  }
        FINISH_TILE(sums, height - i, width - j, ADD_TO_PARTIAL)
      }
  }
  if (has_sums && j_start == 0)
    for (int i = 0; i < height; ++i)
      partial[(size_t)m * n + i_start + i] =
          ((const float *)(column_sums + i / TILE_ROWS))[i % TILE_ROWS];
}

// c[M,N] = base + sum over splits of partial[split][M,N], in the order of the splits. In the same
// order sums[M] += the M floats after each split's product, if there are any.
//
// partial [batch][splits][split_size]; a work-item computes REDUCE_VECTORS vectors of a row of c;
// the row after the last row of c stands for the sums. Grid: parts of a row, in rows, in the batch.
#define REDUCE_VECTORS 32
ONE_ITEM __kernel void matmul_reduce(
    __global const float *partial, __global float *c, __global const float *base,
    const int has_base, __global float *sums, const int has_sums, const int m, const int n,
    const int ldc, const long batch_stride, const int splits, const int split_size)
{
  const int group = get_group_id(0), columns = REDUCE_VECTORS * VECTOR_WIDTH;
  const int parts = ((has_sums ? max(m, n) : n) + columns - 1) / columns;
  const int row = group / parts % (m + has_sums);
  const int batch = group / parts / (m + has_sums);
  const int is_sums = row == m;
  const int width = is_sums ? m : n;
  const int start = group % parts * columns;
  const int end = min(width, start + columns);
  const __global float *source =
      partial + (size_t)batch * splits * split_size + (size_t)row * n;
  const size_t target = batch * batch_stride + (size_t)row * ldc;
  __global float *out = is_sums ? sums : c + target;
  const __global float *addend = is_sums ? sums : (has_base ? base + target : 0);
  for (int j = start; j < end; j += VECTOR_WIDTH) {
    const int lanes = end - j;
    vf total = (vf)(0.0f);
    for (int split = 0; split < splits; ++split)
      total += load_lanes(source + (size_t)split * split_size + j, lanes);
    if (addend) total += load_lanes(addend + j, lanes);
    store_lanes(out + j, total, lanes);
  }
}
