// Products of row-major matrices on a GPU: C[M,N] = op(A) op(B), where op transposes if TRANSPOSE_A
// or TRANSPOSE_B is 1. Compiled after matmul_common.cl, where a vector is one float on a GPU, and
// tile_gpu.cl, which has the division of work in a group.

// c = epilogue(op(a) op(b) + bias), over the steps of K of one split. With several splits, c is
// partial [batch][splits][split_size] for matmul_reduce, and c_stride is split_size. With has_sums
// the column sums of a (TRANSPOSE_A) are stored after each split's product. Grid: tiles of M, in tiles
// of N, in splits, in the batch; on one axis, because the others end at 65,535 groups.
TILE_GROUP __kernel void TILE_KERNEL(matmul_tile)(
    __global const float *a, __global const float *b, __global float *c,
    __global const float *base, const int has_base, __global const float *bias,
    const int has_bias, __global float *kept, const int epilogue, const int has_sums, const int m,
    const int n, const int k, const int lda, const int ldb, const int ldc, const long a_stride,
    const long b_stride, const long c_stride, const int splits, const int slice)
{
  __local tile_memory tile;
  const int item = get_local_id(0);
  const int down = (m + TILE_ROWS - 1) / TILE_ROWS, across = (n + TILE - 1) / TILE;
  const int group = get_group_id(0);
  const int first_row = group % down * TILE_ROWS;
  const int first_column = group / down % across * TILE;
  const int part = group / down / across;
  const int batch = part / splits;
  const int start = part % splits * slice;
  const int end = min(k, start + slice);
  a += batch * a_stride;
  b += batch * b_stride;
#if TRANSPOSE_A
  const tile_source left = {a + (size_t)start * lda + first_row, 1, lda, m - first_row};
#else
  const tile_source left = {a + (size_t)first_row * lda + start, lda, 1, m - first_row};
#endif
#if TRANSPOSE_B
  const tile_source right = {b + (size_t)first_column * ldb + start, ldb, 1, n - first_column};
#else
  const tile_source right = {b + (size_t)start * ldb + first_column, 1, ldb, n - first_column};
#endif
  float4 sums[TILE_SUMS][2];
  float row_sum;
  tile_products(sums, left, !TRANSPOSE_A, right, TRANSPOSE_B, end - start, &tile, item, has_sums,
                &row_sum);
  const size_t c_start = part * c_stride;
  if (has_sums && first_column == 0 && item < TILE_ROWS && first_row + item < m)
    c[c_start + (size_t)m * n + first_row + item] = row_sum;
  const int j = first_column + item;
  const float first_sum = has_bias && j < n ? bias[j] : 0.0f;
  TILE_EACH_ROW(row, value, &tile, sums, item, {
    const int i = first_row + row;
    const size_t at = c_start + (size_t)i * ldc + j;
    if (i < m && j < n)
      finish_sum(value + first_sum, epilogue, 1, has_base ? base + at : 0, kept + at, c + at, 1);
  })
}

#if TRANSPOSE_A
// c[M,N] = base + sum over splits of partial[split][M,N], and sums[M] += the M floats after each
// split's product, if there are any: then the row after the last row of c stands for the sums.
// partial [batch][splits][split_size]. Grid: parts of a row, in rows, in the batch.
SPLIT_GROUP __kernel void matmul_reduce(
    __global const float *partial, __global float *c, __global const float *base,
    const int has_base, __global float *sums, const int has_sums, const int m, const int n,
    const int ldc, const long batch_stride, const int splits, const int split_size)
{
  __local float scratch[SPLIT_ITEMS];
  const int item = get_local_id(0);
  const int group = get_group_id(0);
  const int parts = ((has_sums ? max(m, n) : n) + SPLIT_COLUMNS - 1) / SPLIT_COLUMNS;
  const int row = group / parts % (m + has_sums);
  const int batch = group / parts / (m + has_sums);
  const int is_sums = row == m;
  const int width = is_sums ? m : n;
  const int j = group % parts * SPLIT_COLUMNS + item % SPLIT_COLUMNS;
  partial += (size_t)batch * splits * split_size + (size_t)row * n + j;
  const float sum = split_sum(partial, split_size, j < width ? splits : 0, scratch, item);
  if (item < SPLIT_COLUMNS && j < width) {
    const size_t at = batch * batch_stride + (size_t)row * ldc + j;
    if (is_sums) sums[j] += sum;
    else c[at] = (has_base ? base[at] : 0.0f) + sum;
  }
}
#endif
