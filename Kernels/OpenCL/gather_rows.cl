// Rows of a matrix by index: y[b, :] = x[rows[b], :].
//
// x [N, D], rows [B], y [B, D]. One work-item per value of y. The host guarantees 0 <= rows[b] < N.

__attribute__((reqd_work_group_size(16, 1, 1))) __kernel void gather_rows(
    __global const float *x, __global const int *rows, __global float *y, const int width) {
  const int column = (int)get_global_id(0);
  const int row = (int)get_global_id(1);
  if (column < width) y[(size_t)row * width + column] = x[(size_t)rows[row] * width + column];
}
