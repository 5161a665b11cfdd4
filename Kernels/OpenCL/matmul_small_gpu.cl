// Batches of products of small matrices on a GPU: C[M,N] = base + op(A) op(B), where op transposes if
// TRANSPOSE_A or TRANSPOSE_B is 1; row-major.
//
// A work-item computes SIDE x SIDE sums of one product, with rows and columns so far apart that
// neighbouring items have neighbouring columns. A work-group holds as many products as fit, or parts of
// them; factors are shared by the cache. Rows and columns after the last one repeat it and are not stored.

#define SIDE 4    // 16 sums and their 8 factors
#define ITEMS 64

#if TRANSPOSE_A
#define A_ROW 1
#define A_STEP lda
#else
#define A_ROW lda
#define A_STEP 1
#endif
#if TRANSPOSE_B
#define B_COLUMN ldb
#define B_STEP 1
#else
#define B_COLUMN 1
#define B_STEP ldb
#endif

// Grid: one item for each SIDE x SIDE sums of the batch.
__attribute__((reqd_work_group_size(ITEMS, 1, 1))) __kernel void matmul_small(
    __global const float *a, __global const float *b, __global float *c,
    __global const float *base, const int has_base, const int batch, const int m, const int n,
    const int k, const int lda, const int ldb, const int ldc, const long a_stride,
    const long b_stride, const long c_stride)
{
  const int item = get_global_id(0);
  const int across = (n + SIDE - 1) / SIDE, down = (m + SIDE - 1) / SIDE;
  const int x = item % across, y = item / across % down;
  const int own = item / across / down;
  const int matrix = min(own, batch - 1);
  const __global float *left[SIDE], *right[SIDE];
  float sums[SIDE][SIDE];
  EACH_BELOW(r, SIDE) left[r] = a + matrix * a_stride + (size_t)min(y + r * down, m - 1) * A_ROW;
  EACH_BELOW(v, SIDE)
    right[v] = b + matrix * b_stride + (size_t)min(x + v * across, n - 1) * B_COLUMN;
  EACH_BELOW(r, SIDE) EACH_BELOW(v, SIDE) sums[r][v] = 0.0f;
#pragma unroll 4
  for (int p = 0; p < k; ++p) {
    float row[SIDE], column[SIDE];
    EACH_BELOW(r, SIDE) row[r] = left[r][p * A_STEP];
    EACH_BELOW(v, SIDE) column[v] = right[v][p * B_STEP];
    EACH_BELOW(r, SIDE) EACH_BELOW(v, SIDE) sums[r][v] = fma(row[r], column[v], sums[r][v]);
  }
  EACH_BELOW(r, SIDE) EACH_BELOW(v, SIDE) {
    const int i = y + r * down, j = x + v * across;
    const size_t at = matrix * c_stride + (size_t)i * ldc + j;
    if (own < batch && i < m && j < n) c[at] = (has_base ? base[at] : 0.0f) + sums[r][v];
  }
}
