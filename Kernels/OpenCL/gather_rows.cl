// Rows of a matrix by index: y[b, :] = x[rows[b], :].
//
// x [N, D], which may be a table; rows [B], y [B, D]. The host guarantees 0 <= rows[b] < N. A work-group copies
// GATHER_ROWS rows, on a CPU one after another; on a GPU neighbouring work-items copy neighbouring vectors.

#ifdef TUNING_CPU
#define GATHER_ITEMS 1
#define GATHER_ROWS 64
#else
#define GATHER_ITEMS 256
#define GATHER_ROWS 16
#endif

__attribute__((reqd_work_group_size(GATHER_ITEMS, 1, 1))) __kernel void gather_rows(
    __global const table_float *x, __global const int *rows, __global float *y, const int count,
    const int width)
{
  const int first = (int)get_group_id(0) * GATHER_ROWS;
  const int last = min(count, first + GATHER_ROWS);
#ifdef TUNING_CPU
  for (int row = first; row < last; ++row) {
    __global const table_float *source = x + (size_t)rows[row] * width;
    __global float *target = y + (size_t)row * width;
    int c = 0;
    for (; c + VECTOR_WIDTH <= width; c += VECTOR_WIDTH) storev(target + c, loadv_table(source + c));
    if (c < width) store_lanes(target + c, load_table_lanes(source + c, width - c), width - c);
  }
#else
  const int blocks = (width + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  for (int index = (int)get_local_id(0); index < (last - first) * blocks; index += GATHER_ITEMS) {
    const int row = first + index / blocks;
    const int c = index % blocks * VECTOR_WIDTH;
    __global const table_float *source = x + (size_t)rows[row] * width + c;
    store_lanes(y + (size_t)row * width + c, load_table_lanes(source, width - c), width - c);
  }
#endif
}

#undef GATHER_ITEMS
#undef GATHER_ROWS
