// Events of which some are replaced.
//
//   select_items  out[n] = choices[n] < 0 or others[choices[n]] < 0 ? items[n] : others[choices[n]]
//   select_rows   y[n, c] = base[n, c] + (choices[n] < 0 ? a[n, c] : b[n, c])
//
// items, choices, out: [n]; others: [k], and choices below k. a, b, base, y: [n, d]. b is 0 without `has_b`: then
// select_rows is the gradient of a. base is read only if `has_base`, and may be y itself.
//
// A work-group computes CHUNK items or CHUNK_ROWS rows; on a GPU neighbouring work-items compute neighbouring ones.

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK 4096
#define CHUNK_ROWS 64
#else
#define ITEMS 256
#define CHUNK 1024
#define CHUNK_ROWS 16
#endif

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void select_items(__global const int *items, __global const int *others,
                           __global const int *choices, __global int *out, int count)
{
  const int first = (int)get_group_id(0) * CHUNK;
  const int item = (int)get_local_id(0);
  const int last = min(count, first + CHUNK);
  for (int i = first + item; i < last; i += ITEMS) {
    const int choice = choices[i];
    const int other = choice < 0 ? -1 : others[choice];
    out[i] = other < 0 ? items[i] : other;
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void select_rows(__global const float *a, __global const float *b, int has_b,
                          __global const int *choices, __global const float *base, int has_base,
                          __global float *y, int n, int d)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int rows = min(n - first, CHUNK_ROWS);
  const int blocks = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  for (int index = item; index < rows * blocks; index += ITEMS) {
    const int row = first + index / blocks;
    const int c = index % blocks * VECTOR_WIDTH;
    const size_t at = (size_t)row * d + c;
    vf value = has_base ? load_lanes(base + at, d - c) : (vf)(0.0f);
    if (choices[row] < 0)
      value += load_lanes(a + at, d - c);
    else if (has_b)
      value += load_lanes(b + at, d - c);
    store_lanes(y + at, value, d - c);
  }
}
