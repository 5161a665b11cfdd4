// Layer normalisation (Ba, Kiros, Hinton 2016) of the rows of x: [n, d], forward.
//
//   y = weight z + bias,   z = (x - mean) rstd,   rstd = 1 / sqrt(variance + epsilon)
//
// mean, rstd: [n], kept for the backward pass. With `has_residual` x is computed in the same pass,
//
//   x = residual + in f,   f = 0 or 1 / (1 - p), the dropout factors of random.cl, or 1 if `threshold` is 0
//
// and kept as well; else it is given, and `in`, residual, times and sequences are not read.
//
// CPU: one work-item per CHUNK_ROWS rows. GPU: 32 work-items (a team) per row, 8 rows per work-group.

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
#define PART (4 * VECTOR_WIDTH)  // channels per call of Philox

// out = base + in f for the teams' rows, base being left out if it is null.
ALWAYS_INLINE void add_dropped(__global const float *in, __global const float *base,
                               __global float *out, int first, int last, int d,
                               __global const int *times, __global const int *sequences, uint2 key,
                               uint epoch, uint threshold, float keep_scale, int team, int lane)
{
  for (int row = first + team; row < last; row += ROWS)
    for (int start = lane * PART; start < d; start += LANES_PER_ROW * PART) {
      vf factors[4] = {(vf)(1.0f), (vf)(1.0f), (vf)(1.0f), (vf)(1.0f)};
      if (threshold > 0)
        dropout_factors(factors, start, times[row], sequences[row], key, epoch, threshold,
                        keep_scale);
      for (int part = 0; part < 4; ++part) {
        const int c = start + part * VECTOR_WIDTH;
        const size_t at = (size_t)row * d + c;
        const vf before = base ? load_lanes(base + at, d - c) : (vf)(0.0f);
        store_lanes(out + at, fma(load_lanes(in + at, d - c), factors[part], before), d - c);
      }
    }
}

__attribute__((reqd_work_group_size(LANES_PER_ROW, ROWS, 1)))
__kernel void layer_norm_forward(__global const float *in, __global const float *residual,
                                 int has_residual, __global const int *times,
                                 __global const int *sequences, uint key0, uint key1, uint epoch,
                                 uint threshold, float keep_scale, __global float *x,
                                 __global const float *weight, __global const float *bias,
                                 __global float *y, __global float *mean, __global float *rstd,
                                 int n, int d, float epsilon)
{
  __local float scratch[LANES_PER_ROW * ROWS];
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int last = min(n, first + CHUNK_ROWS);
  add_dropped(in, residual, x, first, has_residual ? last : first, d, times, sequences,
              (uint2)(key0, key1), epoch, threshold, keep_scale, team, lane);
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  for (int start = first; start < last; start += ROWS) {
    const int row = start + team;
    const int width = row < last ? d : 0;
    const int whole = width / VECTOR_WIDTH * VECTOR_WIDTH;
    __global const float *values = x + (size_t)row * d;
    __global float *out = y + (size_t)row * d;
    vf sums = (vf)(0.0f);
    for (int c = lane * VECTOR_WIDTH; c < whole; c += STRIDE) sums += loadv(values + c);
    float sum = sumv(sums);
    for (int c = whole; c < width; ++c) sum += values[c];
    const float m = TOTAL(sum) / (float)d;
    vf squares = (vf)(0.0f);
    for (int c = lane * VECTOR_WIDTH; c < whole; c += STRIDE) {
      const vf delta = loadv(values + c) - m;
      squares = fma(delta, delta, squares);
    }
    float square = sumv(squares);
    for (int c = whole; c < width; ++c) square = fma(values[c] - m, values[c] - m, square);
    const float r = 1.0f / sqrt(TOTAL(square) / (float)d + epsilon);
    for (int c = lane * VECTOR_WIDTH; c < whole; c += STRIDE)
      storev(out + c, fma((loadv(values + c) - m) * r, loadv(weight + c), loadv(bias + c)));
    for (int c = whole; c < width; ++c) out[c] = fma((values[c] - m) * r, weight[c], bias[c]);
    if (row < last && lane == 0) {
      mean[row] = m;
      rstd[row] = r;
    }
  }
}
