// Rows of a matrix by index: y[b, :] = x[rows[b], :].
//
// x [N, D], which may be a table; rows [B], y [B, D]. One work-item per value of y, 16 x 16 of them per work-group. The host guarantees
// 0 <= rows[b] < N. Grid: (blocks of B, blocks of D): the long axis comes first, as the others end at 65,535 on
// some devices.

__attribute__((reqd_work_group_size(16, 16, 1))) __kernel void gather_rows(
    __global const table_float *x, __global const int *rows, __global float *y, const int count,
    const int width)
{
  const int row = (int)get_group_id(0) * 16 + (int)get_local_id(1);
  const int column = (int)get_group_id(1) * 16 + (int)get_local_id(0);
  if (row < count && column < width)
    y[(size_t)row * width + column] = load_table(x + (size_t)rows[row] * width + column);
}
