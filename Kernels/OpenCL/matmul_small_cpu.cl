// Batches of products of small matrices on a CPU: C[M,N] = base + op(A) op(B), where op transposes if
// TRANSPOSE_A or TRANSPOSE_B is 1; row-major. Compiled after tile_cpu.cl, with a tile that is not
// wider than the matrices: the host sets TILE_ROWS and TILE_VECTORS.

#define PANEL_FLOATS 8192  // the host takes this form only if K times PANEL is not more

#if TRANSPOSE_A
#define A_ROW_START(i, lda) (i)
#define A_STEP lda
#else
#define A_ROW_START(i, lda) ((size_t)(i) * (lda))
#define A_STEP 1
#endif

// `width` columns of op(B) as [k][PANEL], zeros after the last one.
static inline void pack_small(const __global float *b, vf *panel, int width, int k, int ldb)
{
#if TRANSPOSE_B
  float *packed = (float *)panel;
  for (int j = 0; j < width; ++j)
    for (int p = 0; p < k; ++p) packed[p * PANEL + j] = b[(size_t)j * ldb + p];
  for (int p = 0; p < k; ++p)
    for (int j = width; j < PANEL; ++j) packed[p * PANEL + j] = 0.0f;
#else
  for (int p = 0; p < k; ++p)
    for (int v = 0; v < TILE_VECTORS; ++v)
      panel[p * TILE_VECTORS + v] =
          load_lanes(b + (size_t)p * ldb + v * VECTOR_WIDTH, width - v * VECTOR_WIDTH);
#endif
}

// A work-group computes `block` products of the batch. A panel of B is packed in memory of its own; rows
// after the last one repeat it and are not stored. Grid: batch / block.
ONE_ITEM __kernel void matmul_small(
    __global const float *a, __global const float *b, __global float *c,
    __global const float *base, const int has_base, const int batch, const int m, const int n,
    const int k, const int lda, const int ldb, const int ldc, const long a_stride,
    const long b_stride, const long c_stride, const int block)
{
  const int first = (int)get_group_id(0) * block;
  const int end = min(batch, first + block);
  vf panel[PANEL_FLOATS / VECTOR_WIDTH];
  for (int matrix = first; matrix < end; ++matrix) {
    const __global float *left = a + matrix * a_stride, *right = b + matrix * b_stride;
    for (int column = 0; column < n; column += PANEL) {
      const int width = min(PANEL, n - column);
      pack_small(right + (size_t)column * (TRANSPOSE_B ? ldb : 1), panel, width, k, ldb);
      for (int row = 0; row < m; row += TILE_ROWS) {
        const __global float *a_rows[TILE_ROWS];
        EACH_BELOW(r, TILE_ROWS) a_rows[r] = left + A_ROW_START(min(row + r, m - 1), lda);
        vf sums[TILE_ROWS][TILE_VECTORS];
        EACH_SUM(r, v) sums[r][v] = (vf)(0.0f);
#define A_ROW(r) a_rows[r]
        MULTIPLY_TILE(sums, A_ROW, A_STEP, panel, k)
        const size_t corner = matrix * c_stride + (size_t)row * ldc + column;
#define ADD_BASE(r, v, sum, lanes)                                                         \
  {                                                                                        \
    const size_t at = corner + (size_t)(r) * ldc + (v) * VECTOR_WIDTH;                     \
    store_lanes(c + at, has_base ? sum + load_lanes(base + at, lanes) : sum, lanes);       \
  }
        FINISH_TILE(sums, m - row, width, ADD_BASE)
      }
    }
  }
}
