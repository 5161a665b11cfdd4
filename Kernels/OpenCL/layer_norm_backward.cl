// Gradients of layer normalisation, whose formula layer_norm.cl has. Compiled after it.
//
//   dx = base + rstd (g - average(g) - z average(g z)),   g = dy weight
//   din = in_base + dx f, if `has_in`: the gradient of the input of the dropout before the norm
//   dweight += sum of dy z over rows,   dbias += sum of dy over rows
//
// A base is read only if there is one, and may be the output itself. The column sums are taken by way of
// partial: [blocks, 2, d], one row per block of rows of x, as many whatever the compute units;
// layer_norm_reduce adds the blocks in order, for up to 8 norms in a launch.
//
// CPU: one work-item per block of rows. GPU: a work-group of 8 teams of 32 items per block, each team with
// a row at a time; then the columns of the block, each by the items of one lane.

__attribute__((reqd_work_group_size(LANES_PER_ROW, ROWS, 1)))
__kernel void layer_norm_backward(__global const float *dy, __global const float *x,
                                  __global const float *weight, __global const float *mean,
                                  __global const float *rstd, __global const float *base,
                                  int has_base, __global float *dx, __global const int *times,
                                  __global const int *sequences, uint key0, uint key1, uint epoch,
                                  uint threshold, float keep_scale, __global const float *in_base,
                                  int has_in_base, __global float *din, int has_in,
                                  __global float *partial, int n, int d)
{
  __local float scratch[LANES_PER_ROW * ROWS];
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int group = (int)get_group_id(0);
  const int blocks = (int)get_num_groups(0);
  const int first = (int)((long)n * group / blocks);
  const int last = (int)((long)n * (group + 1) / blocks);
  __global float *dweight = partial + (size_t)group * 2 * d;
  __global float *dbias = dweight + d;
#ifdef TUNING_CPU
  for (int c = 0; c < 2 * d; ++c) dweight[c] = 0.0f;
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
    for (int c = lane * VECTOR_WIDTH; c < width; c += STRIDE) {
      const int tail = d - c;
      const vf z = (load_lanes(x + at + c, tail) - m) * r;
      const vf g = load_lanes(dy + at + c, tail) * load_lanes(weight + c, tail);
      const vf before = has_base ? load_lanes(base + at + c, tail) : (vf)(0.0f);
      store_lanes(dx + at + c, fma(g - g_mean - z * gz_mean, (vf)(r), before), tail);
    }
  }
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  add_dropped(dx, has_in_base ? in_base : 0, din, first, has_in ? last : first, d, times, sequences,
              (uint2)(key0, key1), epoch, threshold, keep_scale, team, lane);
#ifdef TUNING_GPU
  for (int column = 0; column < d; column += LANES_PER_ROW) {
    const int c = column + lane;
    float weight_sum = 0.0f;
    float bias_sum = 0.0f;
    for (int row = first + team; row < (c < d ? last : first); row += ROWS) {
      const float dyc = dy[(size_t)row * d + c];
      weight_sum = fma(dyc, (x[(size_t)row * d + c] - mean[row]) * rstd[row], weight_sum);
      bias_sum += dyc;
    }
    // A column is summed over the 8 items of one lane: here a team is the items of one lane.
    weight_sum = group_sum(weight_sum, scratch, lane * ROWS, team, ROWS);
    bias_sum = group_sum(bias_sum, scratch, lane * ROWS, team, ROWS);
    if (c < d && team == 0) {
      dweight[c] = weight_sum;
      dbias[c] = bias_sum;
    }
  }
#endif
}

#ifdef TUNING_CPU
#define SUM_LANES 1
#define SUM_TEAMS 1
#else
#define SUM_LANES 64
#define SUM_TEAMS 4
#endif
#define NORM(i) \
  __global const float *partial##i, int count##i, __global float *dweight##i, __global float *dbias##i
#define CHOOSE(i) \
  case i: partial = partial##i, count = count##i, dweight = dweight##i, dbias = dbias##i; break;

// Work-group (columns of d, norm, weight or bias): each team of items adds a part of the blocks.
__attribute__((reqd_work_group_size(SUM_LANES, SUM_TEAMS, 1)))
__kernel void layer_norm_reduce(NORM(0), NORM(1), NORM(2), NORM(3), NORM(4), NORM(5), NORM(6),
                                NORM(7), int d)
{
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int is_bias = (int)get_group_id(2);
  const int c = ((int)get_group_id(0) * SUM_LANES + lane) * VECTOR_WIDTH;
  __global const float *partial = partial0;
  int count = count0;
  __global float *dweight = dweight0, *dbias = dbias0;
  switch ((int)get_group_id(1)) { CHOOSE(1) CHOOSE(2) CHOOSE(3) CHOOSE(4) CHOOSE(5) CHOOSE(6) CHOOSE(7) }
  const int own = (count + SUM_TEAMS - 1) / SUM_TEAMS;
  const int last = c < d ? min(count, (team + 1) * own) : 0;
  vf sum = (vf)(0.0f);
#pragma unroll 8
  for (int block = team * own; block < last; ++block)
    sum += load_lanes(partial + ((size_t)block * 2 + is_bias) * d + c, d - c);
#ifdef TUNING_GPU
  __local float scratch[SUM_LANES * SUM_TEAMS];
  sum = group_sum(sum, scratch, lane * SUM_TEAMS, team, SUM_TEAMS);
#endif
  if (c < d && team == 0) {
    __global float *to = (is_bias ? dbias : dweight) + c;
    store_lanes(to, load_lanes(to, d - c) + sum, d - c);
  }
}

// The sources of one program follow each other.
#undef CHUNK_ROWS
