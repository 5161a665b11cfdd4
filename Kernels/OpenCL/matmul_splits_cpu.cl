// C[M,N] = A[K,M]^T B[K,N] on a CPU for a long K; row-major. Comes behind matmul_tile_cpu.cl;
// matmul_reduce finishes.

#define SPLIT_K 128                                  // steps packed at a time
#define SPLIT_TILES (VECTOR_WIDTH == 16 ? 32 : 43)   // of TILE_ROWS: 256 or 258 columns of A
#define SPLIT_PANELS (VECTOR_WIDTH == 16 ? 6 : 16)   // 288 or 256 columns of B
// Tiles of A are written eight floats at a time, so each has room for eight behind its end.
#define TILE_STRIDE (SPLIT_K * TILE_ROWS + 8)
typedef float8 float8_unaligned __attribute__((aligned(4)));

// Rows of A[depth, m] into tiles of TILE_ROWS columns, and their column sums.
static inline void pack_split_a(const __global float *a, int depth, int m, int lda,
                                float *tiles, float8 *column_sums)
{
  for (int p = 0; p < depth; ++p, a += lda)
    for (int i = 0, t = 0; i < m; i += TILE_ROWS, ++t) {
      float8 value;
      if (i + 8 <= m) {
        value = *(const __global float8_unaligned *)(a + i);
      } else {
        union { float8 vector; float lanes[8]; } part;
        for (int lane = 0; lane < 8; ++lane) part.lanes[lane] = i + lane < m ? a[i + lane] : 0.0f;
        value = part.vector;
      }
      *(float8_unaligned *)(tiles + t * TILE_STRIDE + p * TILE_ROWS) = value;
      column_sums[t] += value;
    }
}

// partial[batch][split][M,N] = A[K,M]^T B[K,N] over the split's `slice` steps of K, and behind it,
// in has_sums, the M column sums of A (gradients of a bias). matmul_reduce adds them up.
//
// A work-group packs SPLIT_K rows of A and B at a time, reading both in order, into buffers that
// stay in the L2 cache. Grid: (splits, blocks of M x blocks of N, batch).
__attribute__((reqd_work_group_size(1, 1, 1))) __kernel void matmul_splits(
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
  float tiles[SPLIT_TILES * TILE_STRIDE];
  vf panels[SPLIT_PANELS * SPLIT_K * TILE_VECTORS];
  float8 column_sums[SPLIT_TILES];
  for (int t = 0; t < SPLIT_TILES; ++t) column_sums[t] = (float8)(0.0f);
  partial += ((size_t)batch * get_num_groups(0) + split) * split_size;
  a += batch * a_stride + i_start;
  b += batch * b_stride + j_start;
  for (int start = first; start < end; start += SPLIT_K) {
    const int depth = min(SPLIT_K, end - start);
    pack_split_a(a + (size_t)start * lda, depth, height, lda, tiles, column_sums);
    for (int p = 0; p < depth; ++p)
      for (int j = 0, q = 0; j < width; j += PANEL, ++q)
        for (int v = 0; v < TILE_VECTORS; ++v)
          panels[(q * SPLIT_K + p) * TILE_VECTORS + v] = load_lanes(
              b + (size_t)(start + p) * ldb + j + v * VECTOR_WIDTH, width - j - v * VECTOR_WIDTH);
    for (int j = 0, q = 0; j < width; j += PANEL, ++q)
      for (int i = 0, t = 0; i < height; i += TILE_ROWS, ++t) {
        const vf *panel = panels + q * SPLIT_K * TILE_VECTORS;
        const float *tile = tiles + t * TILE_STRIDE;
        vf sums[TILE_ROWS][TILE_VECTORS];
        EACH_SUM(r, v) sums[r][v] = (vf)(0.0f);
#define TILE_ROW(r) (tile + r)
        MULTIPLY_TILE(sums, panel, depth, TILE_ROW, TILE_ROWS)
        __global float *corner = partial + (size_t)(i_start + i) * n + j_start + j;
        if (i + TILE_ROWS <= height && j + PANEL <= width) {
          EACH_SUM(r, v) {
            __global float *c = corner + (size_t)r * n + v * VECTOR_WIDTH;
            if (start > first) sums[r][v] += loadv(c);
            storev(c, sums[r][v]);
          }
          continue;
        }
        vf rows[TILE_ROWS * TILE_VECTORS];
        EACH_SUM(r, v) rows[r * TILE_VECTORS + v] = sums[r][v];
        for (int r = 0; r < min(TILE_ROWS, height - i); ++r)
          for (int v = 0; v < TILE_VECTORS && j + v * VECTOR_WIDTH < width; ++v) {
            __global float *c = corner + (size_t)r * n + v * VECTOR_WIDTH;
            finish_sum(rows[r * TILE_VECTORS + v], EPILOGUE_NONE, 1, start > first ? c : 0, c, c,
                       width - j - v * VECTOR_WIDTH);
          }
      }
  }
  if (has_sums && j_start == 0)
    for (int i = 0; i < height; ++i)
      partial[(size_t)m * n + i_start + i] =
          ((const float *)(column_sums + i / TILE_ROWS))[i % TILE_ROWS];
}
