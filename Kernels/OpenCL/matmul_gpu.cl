// Products of row-major matrices on a GPU: C[M,N] = op(A) op(B), where op transposes if TRANSPOSE_A
// or TRANSPOSE_B is 1. A work-group computes a tile of 64 x 64: steps of 16 of K pass through local
// memory, and each of its 128 work-items holds 8 x 4 sums in registers. Uses matmul_common.cl.

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

// c = epilogue(op(a) op(b) + bias), over the steps of K of one split. A result of several splits is
// partial [batch][splits][split_size] for matmul_reduce: then c_stride is split_size. With has_sums
// the column sums of a (TRANSPOSE_A) lie behind each split's product.
// Grid: (tiles of M, tiles of N, batch x splits).
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
  const int item_column = item % 16 * 4;
  a += batch * a_stride;
  b += batch * b_stride;
  float4 sums[8];
#pragma unroll
  for (int r = 0; r < 8; ++r) sums[r] = (float4)(0.0f);
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
      const float4 upper = *(const __local float4 *)(a_tile + p * PITCH + item_row);
      const float4 lower = *(const __local float4 *)(a_tile + p * PITCH + 32 + item_row);
      const float4 column = *(const __local float4 *)(b_tile + p * PITCH + item_column);
      sums[0] = fma((float4)(upper.x), column, sums[0]);
      sums[1] = fma((float4)(upper.y), column, sums[1]);
      sums[2] = fma((float4)(upper.z), column, sums[2]);
      sums[3] = fma((float4)(upper.w), column, sums[3]);
      sums[4] = fma((float4)(lower.x), column, sums[4]);
      sums[5] = fma((float4)(lower.y), column, sums[5]);
      sums[6] = fma((float4)(lower.z), column, sums[6]);
      sums[7] = fma((float4)(lower.w), column, sums[7]);
    }
    if (has_sums && item < TILE)
      for (int p = 0; p < TILE_K; ++p) column_sum += a_tile[p * PITCH + item];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const size_t c_start = part * c_stride;
  if (has_sums && first_column == 0 && item < TILE && first_row + item < m)
    c[c_start + (size_t)m * n + first_row + item] = column_sum;
  const int j = first_column + item_column;
  const int lanes = n - j;
  const float4 bias_columns = has_bias ? load_lanes(bias + j, lanes) : (float4)(0.0f);
#pragma unroll
  for (int r = 0; r < 8; ++r) {
    const int i = first_row + item_row + r % 4 + r / 4 * 32;
    if (i < m && lanes > 0) {
      const size_t at = c_start + (size_t)i * ldc + j;
      finish_sum(sums[r] + bias_columns, epilogue, 1, has_base ? base + at : 0, kept + at, c + at,
                 lanes);
    }
  }
}
