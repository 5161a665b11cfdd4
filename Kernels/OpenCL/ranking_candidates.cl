// Ranking of each user's target among a few candidates given per user, both tunings.
//
//   score_bv = x_b . e_v        rank_b = |{v in candidates of b : not (score_bv < score_b,target)}|
//
//   x [B, D]; table [rows, D], its rows first ... first + V - 1 are the items
//   candidates of user b: candidates[offsets[b]] ... candidates[offsets[b + 1] - 1], rows of the
//   table, each once and in any order; the target and rows that are not items do not count
//
// Products are summed in the order of d by fma, as in the ranking among all items, so that scores
// have the same bits. Scores that are not smaller count against the target: ties, and comparisons
// with NaN. One work-group per user.

#ifdef TUNING_GPU
#define ITEMS 64
#else
#define ITEMS 1
#endif
#define AT_ONCE 8  // candidates that a work-item sums at a time
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))

static inline float product(const __global float *x, const __global table_float *row, int width)
{
  float sum = 0.0f;
  for (int d = 0; d < width; d++) sum = fma(x[d], load_table(row + d), sum);
  return sum;
}

// Ranks from 0; V for a target that is not an item.
__kernel GROUP void ranking_candidates(const __global float *restrict x,
                                       const __global table_float *restrict table,
                                       const __global int *restrict targets,
                                       const __global int *restrict offsets,
                                       const __global int *restrict candidates,
                                       __global int *restrict ranks, int first, int items,
                                       int width)
{
  const int item = get_local_id(0);
  const int b = get_group_id(0);
  __local int counts[ITEMS];
  const __global float *user = x + (size_t)b * width;
  const int target = targets[b];
  const bool valid = target >= first && target - first < items;
  const float own = valid ? product(user, table + (size_t)target * width, width) : 0.0f;
  const int begin = offsets[b], end = valid ? offsets[b + 1] : begin;
  int count = 0;
  for (int c = begin + item * AT_ONCE; c < end; c += ITEMS * AT_ONCE) {
    const __global table_float *rows[AT_ONCE];
    float sums[AT_ONCE];
#pragma unroll
    for (int i = 0; i < AT_ONCE; i++) {
      const int row = c + i < end ? candidates[c + i] : target;
      const bool isCounted = row >= first && row - first < items && row != target;
      // The target stands in for rows that do not count.
      rows[i] = table + (size_t)(isCounted ? row : target) * width;
      sums[i] = 0.0f;
      count -= !isCounted;
    }
    for (int d = 0; d < width; d++) {
      const float value = user[d];
#pragma unroll
      for (int i = 0; i < AT_ONCE; i++) sums[i] = fma(value, load_table(rows[i] + d), sums[i]);
    }
#pragma unroll
    for (int i = 0; i < AT_ONCE; i++) count += !(sums[i] < own);
  }
  counts[item] = count;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_size = ITEMS / 2; half_size > 0; half_size /= 2) {
    if (item < half_size) counts[item] += counts[item + half_size];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (item == 0) ranks[b] = valid ? counts[0] : items;
}
