// The elements below the diagonals of square matrices, and their gradient.
//
//   lower_triangle           y[n, i (i - 1) / 2 + j] = z[n, i, j],  j < i
//   lower_triangle_backward  dz[n, i, j] = base[n, i, j] + (j < i ? dy[n, i (i - 1) / 2 + j] : 0)
//
// z [n, f, f], y [n, f (f - 1) / 2]; base is read only if `has_base`, and may be dz itself. A
// work-group takes CHUNK_ROWS matrices, a team of LANES items one row of a matrix at a time.

#ifdef TUNING_CPU
#define ITEMS 1
#define LANES 1
#define CHUNK_ROWS 64
#else
#define ITEMS 256
#define LANES 32
#define CHUNK_ROWS 16
#endif

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void lower_triangle(__global const float *z, __global float *y, int n, int f)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int rows = min(n - first, CHUNK_ROWS) * f;
  const size_t pairs = (size_t)f * (f - 1) / 2;
  for (int row = item / LANES; row < rows; row += ITEMS / LANES) {
    const int matrix = first + row / f, i = row % f;
    __global const float *from = z + ((size_t)matrix * f + i) * f;
    __global float *to = y + matrix * pairs + i * (i - 1) / 2;
    for (int j = item % LANES; j < i; j += LANES) to[j] = from[j];
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void lower_triangle_backward(__global const float *dy, __global const float *base,
                                      int has_base, __global float *dz, int n, int f)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int rows = min(n - first, CHUNK_ROWS) * f;
  const size_t pairs = (size_t)f * (f - 1) / 2;
  for (int row = item / LANES; row < rows; row += ITEMS / LANES) {
    const int matrix = first + row / f, i = row % f;
    const size_t at = ((size_t)matrix * f + i) * f;
    __global const float *from = dy + matrix * pairs + i * (i - 1) / 2;
    for (int j = item % LANES; j < f; j += LANES)
      dz[at + j] = (has_base ? base[at + j] : 0.0f) + (j < i ? from[j] : 0.0f);
  }
}
