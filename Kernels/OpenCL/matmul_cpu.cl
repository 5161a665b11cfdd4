// Products of row-major matrices on a CPU: C[M,N] = A[M,K] B with B as [K,N] or [N,K]
// (matmul_pack, matmul_panels), and C[M,N] = A[K,M]^T B[K,N] for a long K (matmul_splits).
//
// A work-item computes tiles of TILE_ROWS x TILE_VECTORS vectors held in registers: per step of K
// one row of a panel of B is loaded, and each row's element of A is spread over a vector. Arrays
// below are indexed by unrolled constants only, so that they are registers.

#if VECTOR_WIDTH == 16
#define TILE_ROWS 8     // 24 sums, 3 of B and 1 of A of the 32 registers of AVX-512
#define TILE_VECTORS 3
#else
#define TILE_ROWS 6     // 12 sums, 2 of B and 1 of A of the 16 registers of AVX2
#define TILE_VECTORS 2
#endif
#define PANEL (TILE_VECTORS * VECTOR_WIDTH)
#define BLOCK_K 256     // steps of K of a panel that stay in the L1 cache

// Sums += the product of `depth` steps. Row r of A starts at ROW(r), its steps lie STEP apart; the
// panel's steps lie PANEL apart.
#define MULTIPLY_TILE(sums, panel, depth, ROW, STEP)                                      \
  _Pragma("unroll 4") for (int p = 0; p < (depth); ++p) {                                 \
    vf b[TILE_VECTORS];                                                                   \
    _Pragma("unroll") for (int v = 0; v < TILE_VECTORS; ++v)                              \
      b[v] = (panel)[p * TILE_VECTORS + v];                                               \
    _Pragma("unroll") for (int r = 0; r < TILE_ROWS; ++r) {                               \
      const vf a_spread = (vf)((ROW(r))[p * (STEP)]);                                     \
      _Pragma("unroll") for (int v = 0; v < TILE_VECTORS; ++v)                            \
        sums[r][v] = fma(a_spread, b[v], sums[r][v]);                                     \
    }                                                                                     \
  }

#define EACH_SUM(r, v)                                                                    \
  _Pragma("unroll") for (int r = 0; r < TILE_ROWS; ++r)                                   \
    _Pragma("unroll") for (int v = 0; v < TILE_VECTORS; ++v)

// packed [batch][panels][K][PANEL] = columns of B in panels, zero behind the last column.
// b [K,N] with rows ldb apart, or [N,K] if transposed. Grid: (panels, blocks of 64 of K, batch).
__attribute__((reqd_work_group_size(1, 1, 1))) __kernel void matmul_pack(
    __global const float *b, __global float *packed, const int n, const int k, const int ldb,
    const int transposed, const long batch_stride)
{
  const int panel = get_group_id(0);
  const int start = (int)get_group_id(1) * 64;
  const int end = min(k, start + 64);
  const int batch = get_group_id(2);
  const int width = min(PANEL, n - panel * PANEL);
  const size_t panels = get_num_groups(0);
  const __global float *source = b + batch * batch_stride;
  __global float *target = packed + (batch * panels + panel) * k * PANEL;
  source += (size_t)panel * PANEL * (transposed ? ldb : 1);
  if (transposed) {
    for (int j = 0; j < width; ++j)
      for (int p = start; p < end; ++p) target[p * PANEL + j] = source[(size_t)j * ldb + p];
    for (int j = width; j < PANEL; ++j)
      for (int p = start; p < end; ++p) target[p * PANEL + j] = 0.0f;
  } else {
    for (int p = start; p < end; ++p)
      for (int v = 0; v < TILE_VECTORS; ++v)
        storev(target + p * PANEL + v * VECTOR_WIDTH,
               load_lanes(source + (size_t)p * ldb + v * VECTOR_WIDTH, width - v * VECTOR_WIDTH));
  }
}

// c[M,N] = epilogue(a[M,K] B + bias) from packed panels of B; see matmul_common.cl.
//
// A work-group takes `rows` rows and `panels_per_group` panels. While a panel's block of K is in
// the L1 cache, the group's rows of A pass from the L2 cache. Rows behind the last one repeat it and
// are not stored. Grid: (M / rows, panels / panels_per_group, batch).
__attribute__((reqd_work_group_size(1, 1, 1))) __kernel void matmul_panels(
    __global const float *a, __global const float *packed, __global float *c,
    __global const float *base, const int has_base, __global const float *bias,
    const int has_bias, __global float *kept, const int epilogue, const int m, const int n,
    const int k, const int lda, const int ldc, const long a_stride, const long packed_stride,
    const long c_stride, const int rows, const int panels_per_group)
{
  const int batch = get_group_id(2);
  const int first_row = (int)get_group_id(0) * rows;
  const int end_row = min(m, first_row + rows);
  const int first_panel = (int)get_group_id(1) * panels_per_group;
  const int end_panel = min((n + PANEL - 1) / PANEL, first_panel + panels_per_group);
  a += batch * a_stride;
  packed += batch * packed_stride;
  const size_t c_start = batch * c_stride;
  for (int start = 0; start < k; start += BLOCK_K) {
    const int depth = min(BLOCK_K, k - start);
    const int last = start + depth == k;
    const int is_plain = epilogue == EPILOGUE_NONE
                         || (!last && epilogue < EPILOGUE_GELU_GRADIENT);
    const __global float *addend = start > 0 ? c : (has_base ? base : 0);
    for (int panel = first_panel; panel < end_panel; ++panel) {
      const __global vf_unaligned *b_panel =
          (const __global vf_unaligned *)(packed + ((size_t)panel * k + start) * PANEL);
      const int column = panel * PANEL;
      const int width = min(PANEL, n - column);
      vf first_sums[TILE_VECTORS];
      for (int v = 0; v < TILE_VECTORS; ++v) {
        const int lanes = width - v * VECTOR_WIDTH;
        first_sums[v] = (has_bias && start == 0)
                            ? load_lanes(bias + column + v * VECTOR_WIDTH, lanes) : (vf)(0.0f);
      }
      for (int row = first_row; row < end_row; row += TILE_ROWS) {
        const __global float *a_rows[TILE_ROWS];
#pragma unroll
        for (int r = 0; r < TILE_ROWS; ++r)
          a_rows[r] = a + (size_t)min(row + r, end_row - 1) * lda + start;
        vf sums[TILE_ROWS][TILE_VECTORS];
        EACH_SUM(r, v) sums[r][v] = first_sums[v];
#define A_ROW(r) a_rows[r]
        MULTIPLY_TILE(sums, b_panel, depth, A_ROW, 1)
        const size_t corner = c_start + (size_t)row * ldc + column;
        if (is_plain && width == PANEL && row + TILE_ROWS <= end_row) {
          EACH_SUM(r, v) {
            const size_t at = corner + (size_t)r * ldc + v * VECTOR_WIDTH;
            if (addend) sums[r][v] += loadv(addend + at);
            storev(c + at, sums[r][v]);
          }
          continue;
        }
        vf tile[TILE_ROWS * TILE_VECTORS];
        EACH_SUM(r, v) tile[r * TILE_VECTORS + v] = sums[r][v];
        for (int r = 0; r < min(TILE_ROWS, end_row - row); ++r)
          for (int v = 0; v * VECTOR_WIDTH < width; ++v) {
            const size_t at = corner + (size_t)r * ldc + v * VECTOR_WIDTH;
            finish_sum(tile[r * TILE_VECTORS + v], epilogue, last, addend ? addend + at : 0,
                       kept + at, c + at, width - v * VECTOR_WIDTH);
          }
      }
    }
  }
}

#ifndef SPLIT_K
#define SPLIT_K 128                // steps packed at a time
#endif
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
