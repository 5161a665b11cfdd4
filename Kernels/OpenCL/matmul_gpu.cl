// Products of row-major matrices on a GPU: C[M,N] = op(A) op(B), where op transposes if TRANSPOSE_A
// or TRANSPOSE_B is 1. A work-group computes a tile of 64 x 64: 16 steps of K at a time pass
// through local memory, and each of its 128 work-items holds 8 x 4 sums in registers: rows in two
// blocks of four, columns 16 apart, so that neighbouring work-items write neighbouring floats.
// Compiled after matmul_common.cl, where a vector is one float on a GPU.

#define TILE 64
#define TILE_K 16
#define ITEMS 128
#define PITCH (TILE + 4)  // a row of a tile in local memory: 16-byte aligned, banks shifted

// tile[step][x] = matrix[x][step] for a row-major matrix whose steps of K are contiguous: 16
// work-items read 16 neighbouring floats of one row.
static inline void load_along(__local float *tile, const __global float *matrix, int stride,
                              int width, int depth, int item)
{
  for (int index = item; index < TILE * TILE_K; index += ITEMS) {
    const int x = index / TILE_K, p = index % TILE_K;
    tile[p * PITCH + x] = x < width && p < depth ? matrix[(size_t)x * stride + p] : 0.0f;
  }
}

// tile[step][x] = matrix[step][x] for a row-major matrix whose steps of K are rows.
static inline void load_across(__local float *tile, const __global float *matrix, int stride,
                               int width, int depth, int item)
{
  for (int index = item; index < TILE * TILE_K; index += ITEMS) {
    const int p = index / TILE, x = index % TILE;
    tile[p * PITCH + x] = x < width && p < depth ? matrix[(size_t)p * stride + x] : 0.0f;
  }
}

// c = epilogue(op(a) op(b) + bias), over the steps of K of one split. With several splits, c is
// partial [batch][splits][split_size] for matmul_reduce, and c_stride is split_size. With has_sums
// the column sums of a (TRANSPOSE_A) are stored after each split's product. Grid: (tiles of M,
// tiles of N, batch x splits).
__attribute__((reqd_work_group_size(ITEMS, 1, 1))) __kernel void matmul_tile(
    __global const float *a, __global const float *b, __global float *c,
    __global const float *base, const int has_base, __global const float *bias,
    const int has_bias, __global float *kept, const int epilogue, const int has_sums, const int m,
    const int n, const int k, const int lda, const int ldb, const int ldc, const long a_stride,
    const long b_stride, const long c_stride, const int splits, const int slice)
{
  __local float a_tile[TILE_K * PITCH];
  __local float b_tile[TILE_K * PITCH];
  const int item = get_local_id(0);
  const int first_row = (int)get_group_id(0) * TILE;
  const int first_column = (int)get_group_id(1) * TILE;
  const int part = get_group_id(2);
  const int batch = part / splits;
  const int start = part % splits * slice;
  const int end = min(k, start + slice);
  const int item_row = item / 16 * 4;
  const int item_column = item % 16;
  a += batch * a_stride;
  b += batch * b_stride;
  float sums[8][4];
#pragma unroll
  for (int r = 0; r < 8; ++r)
#pragma unroll
    for (int v = 0; v < 4; ++v) sums[r][v] = 0.0f;
  float column_sum = 0.0f;
  for (int p0 = start; p0 < end; p0 += TILE_K) {
    const int depth = end - p0;
#if TRANSPOSE_A
    load_across(a_tile, a + (size_t)p0 * lda + first_row, lda, m - first_row, depth, item);
#else
    load_along(a_tile, a + (size_t)first_row * lda + p0, lda, m - first_row, depth, item);
#endif
#if TRANSPOSE_B
    load_along(b_tile, b + (size_t)first_column * ldb + p0, ldb, n - first_column, depth, item);
#else
    load_across(b_tile, b + (size_t)p0 * ldb + first_column, ldb, n - first_column, depth, item);
#endif
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (int p = 0; p < TILE_K; ++p) {
      float rows[8], columns[4];
      vstore4(*(const __local float4 *)(a_tile + p * PITCH + item_row), 0, rows);
      vstore4(*(const __local float4 *)(a_tile + p * PITCH + 32 + item_row), 1, rows);
#pragma unroll
      for (int v = 0; v < 4; ++v) columns[v] = b_tile[p * PITCH + 16 * v + item_column];
#pragma unroll
      for (int r = 0; r < 8; ++r)
#pragma unroll
        for (int v = 0; v < 4; ++v) sums[r][v] = fma(rows[r], columns[v], sums[r][v]);
    }
    if (has_sums && item < TILE)
      for (int p = 0; p < TILE_K; ++p) column_sum += a_tile[p * PITCH + item];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const size_t c_start = part * c_stride;
  if (has_sums && first_column == 0 && item < TILE && first_row + item < m)
    c[c_start + (size_t)m * n + first_row + item] = column_sum;
#pragma unroll
  for (int v = 0; v < 4; ++v) {
    const int j = first_column + 16 * v + item_column;
    const float first_sum = has_bias && j < n ? bias[j] : 0.0f;
#pragma unroll
    for (int r = 0; r < 8; ++r) {
      const int i = first_row + item_row + r % 4 + r / 4 * 32;
      const size_t at = c_start + (size_t)i * ldc + j;
      if (i < m && j < n)
        finish_sum(sums[r][v] + first_sum, epilogue, 1, has_base ? base + at : 0, kept + at,
                   c + at, 1);
    }
  }
}
