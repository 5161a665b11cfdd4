// Layer normalisation (Ba, Kiros, Hinton 2016) of the rows of x: [n, d].
//
//   y = weight z + bias,   z = (x - mean) rstd,   rstd = 1 / sqrt(variance + epsilon)
//   dx = base + rstd (g - average(g) - z average(g z)),   g = dy weight
//   dweight += sum of dy z over rows,   dbias += sum of dy over rows
//
// mean, rstd: [n], kept for the backward pass. base is read only if `has_base`, and may be dx
// itself. The column sums are taken by way of partial: [BLOCKS, 2, d], one row per block of rows of
// x, on any number of compute units; layer_norm_reduce adds the blocks in order.
//
// CPU: one work-item per block of rows; in the backward pass it also computes the block's column
// sums. GPU: 32 work-items (a team) per row, 8 rows per work-group; layer_norm_columns computes the
// column sums.

#define BLOCKS 128  // the same number as on the host

#ifdef TUNING_CPU
#define LANES_PER_ROW 1
#define ROWS 1
#define CHUNK_ROWS 64
#define TOTAL(value) (value)
#else
#define LANES_PER_ROW 32
#define ROWS 8
#define CHUNK_ROWS 8
#define TOTAL(value) group_sum(value, scratch, team * LANES_PER_ROW, lane, LANES_PER_ROW)
#endif
#define STRIDE (LANES_PER_ROW * VECTOR_WIDTH)

__attribute__((reqd_work_group_size(LANES_PER_ROW, ROWS, 1)))
__kernel void layer_norm_forward(__global const float *x, __global const float *weight,
                                 __global const float *bias, __global float *y,
                                 __global float *mean, __global float *rstd, int n, int d,
                                 float epsilon)
{
  __local float scratch[LANES_PER_ROW * ROWS];
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int last = min(n, first + CHUNK_ROWS);
  for (int start = first; start < last; start += ROWS) {
    const int row = start + team;
    const int width = row < last ? d : 0;
    const int whole = width / VECTOR_WIDTH * VECTOR_WIDTH;
    __global const float *in = x + (size_t)row * d;
    __global float *out = y + (size_t)row * d;
    vf sums = (vf)(0.0f);
    for (int c = lane * VECTOR_WIDTH; c < whole; c += STRIDE) sums += loadv(in + c);
    float sum = sumv(sums);
    for (int c = whole; c < width; ++c) sum += in[c];
    const float m = TOTAL(sum) / (float)d;
    vf squares = (vf)(0.0f);
    for (int c = lane * VECTOR_WIDTH; c < whole; c += STRIDE) {
      const vf delta = loadv(in + c) - m;
      squares = fma(delta, delta, squares);
    }
    float square = sumv(squares);
    for (int c = whole; c < width; ++c) square = fma(in[c] - m, in[c] - m, square);
    const float r = 1.0f / sqrt(TOTAL(square) / (float)d + epsilon);
    for (int c = lane * VECTOR_WIDTH; c < whole; c += STRIDE)
      storev(out + c, fma((loadv(in + c) - m) * r, loadv(weight + c), loadv(bias + c)));
    for (int c = whole; c < width; ++c) out[c] = fma((in[c] - m) * r, weight[c], bias[c]);
    if (row < last && lane == 0) {
      mean[row] = m;
      rstd[row] = r;
    }
  }
}

__attribute__((reqd_work_group_size(LANES_PER_ROW, ROWS, 1)))
__kernel void layer_norm_backward(__global const float *dy, __global const float *x,
                                  __global const float *weight, __global const float *mean,
                                  __global const float *rstd, __global const float *base,
                                  int has_base, __global float *dx, __global float *partial, int n,
                                  int d)
{
  __local float scratch[LANES_PER_ROW * ROWS];
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int group = (int)get_group_id(0);
#ifdef TUNING_CPU
  const int first = (int)((long)n * group / BLOCKS);
  const int last = (int)((long)n * (group + 1) / BLOCKS);
  __global float *dweight = partial + (size_t)group * 2 * d;
  __global float *dbias = dweight + d;
  for (int c = 0; c < 2 * d; ++c) dweight[c] = 0.0f;
#else
  const int first = group * CHUNK_ROWS;
  const int last = min(n, first + CHUNK_ROWS);
#endif
  for (int start = first; start < last; start += ROWS) {
    const int row = start + team;
    const int width = row < last ? d : 0;
    const int whole = width / VECTOR_WIDTH * VECTOR_WIDTH;
    const size_t at = (size_t)row * d;
    const float m = row < last ? mean[row] : 0.0f;
    const float r = row < last ? rstd[row] : 0.0f;
    vf g_sums = (vf)(0.0f);
    vf gz_sums = (vf)(0.0f);
    for (int c = lane * VECTOR_WIDTH; c < whole; c += STRIDE) {
      const vf z = (loadv(x + at + c) - m) * r;
      const vf dyc = loadv(dy + at + c);
      const vf g = dyc * loadv(weight + c);
      g_sums += g;
      gz_sums = fma(g, z, gz_sums);
#ifdef TUNING_CPU
      storev(dweight + c, fma(dyc, z, loadv(dweight + c)));
      storev(dbias + c, loadv(dbias + c) + dyc);
#endif
    }
    float g_sum = sumv(g_sums);
    float gz_sum = sumv(gz_sums);
#ifdef TUNING_CPU
    for (int c = whole; c < width; ++c) {
      const float z = (x[at + c] - m) * r;
      const float g = dy[at + c] * weight[c];
      g_sum += g;
      gz_sum = fma(g, z, gz_sum);
      dweight[c] = fma(dy[at + c], z, dweight[c]);
      dbias[c] += dy[at + c];
    }
#endif
    const float g_mean = TOTAL(g_sum) / (float)d;
    const float gz_mean = TOTAL(gz_sum) / (float)d;
    for (int c = lane * VECTOR_WIDTH; c < whole; c += STRIDE) {
      const vf z = (loadv(x + at + c) - m) * r;
      const vf g = loadv(dy + at + c) * loadv(weight + c);
      const vf before = has_base ? loadv(base + at + c) : (vf)(0.0f);
      storev(dx + at + c, fma(g - g_mean - z * gz_mean, (vf)(r), before));
    }
    for (int c = whole; c < width; ++c) {
      const float z = (x[at + c] - m) * r;
      const float g = dy[at + c] * weight[c];
      dx[at + c] = fma(g - g_mean - z * gz_mean, r, has_base ? base[at + c] : 0.0f);
    }
  }
}

// GPU only: a work-group of (32, 8) items sums 32 columns of one block of rows; an item adds every
// eighth row.
#ifdef TUNING_GPU
__attribute__((reqd_work_group_size(LANES_PER_ROW, ROWS, 1)))
__kernel void layer_norm_columns(__global const float *dy, __global const float *x,
                                 __global const float *mean, __global const float *rstd,
                                 __global float *partial, int n, int d)
{
  __local float scratch[LANES_PER_ROW * ROWS];
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int block = (int)get_group_id(1);
  const int c = (int)get_group_id(0) * LANES_PER_ROW + lane;
  const int first = (int)((long)n * block / BLOCKS);
  const int last = c < d ? (int)((long)n * (block + 1) / BLOCKS) : first;
  float dweight = 0.0f;
  float dbias = 0.0f;
  for (int row = first + team; row < last; row += ROWS) {
    const float dyc = dy[(size_t)row * d + c];
    dweight = fma(dyc, (x[(size_t)row * d + c] - mean[row]) * rstd[row], dweight);
    dbias += dyc;
  }
  // A column is summed over the 8 items of one lane: here a team is the items of one lane.
  dweight = group_sum(dweight, scratch, lane * ROWS, team, ROWS);
  dbias = group_sum(dbias, scratch, lane * ROWS, team, ROWS);
  if (c < d && team == 0) {
    partial[(size_t)block * 2 * d + c] = dweight;
    partial[((size_t)block * 2 + 1) * d + c] = dbias;
  }
}
#endif

// One work-item per column of [2, d].
__attribute__((reqd_work_group_size(64, 1, 1)))
__kernel void layer_norm_reduce(__global const float *partial, __global float *dweight,
                                __global float *dbias, int d)
{
  const int c = (int)get_global_id(0);
  if (c < 2 * d) {
    float sum = 0.0f;
    for (int block = 0; block < BLOCKS; ++block) sum += partial[(size_t)block * 2 * d + c];
    if (c < d)
      dweight[c] += sum;
    else
      dbias[c - d] += sum;
  }
}

// The sources of one program follow each other.
#undef CHUNK_ROWS
