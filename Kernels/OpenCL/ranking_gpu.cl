// Ranking of items by score, GPU tuning: rank of a target, and top-K with exclusions.
//
//   score_bv = x_b . e_v        rank_b = |{v : not (score_bv < score_b,target), v allowed}|
//
//   scores [users][stride] of one chunk of users, computed by linear_cross_entropy_score
//   excluded rows of user b: excluded[offsets[b]] ... excluded[offsets[b + 1] - 1]
//
// A target's score is read from the same row as the others', so equal scores are equal bits. Scores
// that are not smaller count against the target: ties, and comparisons with NaN. An excluded target
// is a miss: its rank is V, after all items. One work-group per user.

#define ITEMS 128
#define NO_ROW INT_MAX
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))

// Ranks of the chunk's users, from 0; V for a target that is not an item or is excluded.
__kernel GROUP void ranking_rank(const __global float *restrict scores,
                                 const __global int *restrict targets,
                                 const __global int *restrict offsets,
                                 const __global int *restrict excluded,
                                 __global int *restrict ranks, int start, int first, int items,
                                 int stride)
{
  const int item = get_local_id(0);
  const int user = get_group_id(0);
  const int b = start + user;
  __local int counts[ITEMS];
  __local int missed;
  const __global float *row = scores + (size_t)user * stride;
  const int target = targets[b] - first;
  const bool valid = target >= 0 && target < items;
  const float own = valid ? row[target] : 0.0f;
  int count = 0;
  if (item == 0) missed = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int v = item; v < items; v += ITEMS) count += !(row[v] < own);
  const int begin = offsets[b], end = offsets[b + 1];
  for (int e = begin + item; e < end; e += ITEMS) {
    const int other = excluded[e] - first;
    const bool repeated = e > begin && excluded[e] == excluded[e - 1];
    if (repeated) continue;
    if (other == target) missed = 1;
    else if (other >= 0 && other < items) count -= !(row[other] < own);
  }
  counts[item] = count;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_size = ITEMS / 2; half_size > 0; half_size /= 2) {
    if (item < half_size) counts[item] += counts[item + half_size];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  // Minus one, because the target has counted itself.
  if (item == 0) ranks[b] = valid && !missed ? counts[0] - 1 : items;
}

// Whether a pair of score and row precedes another.
static inline bool precedes(float score, int row, float otherScore, int otherRow)
{
  return score > otherScore || (score == otherScore && row < otherRow);
}

// The `k` best items of the chunk's users in descending order of score, equal scores by row; if
// there are fewer, the remaining places have row -1 and score -infinity. Items whose score is NaN
// are left out. Each work-item holds the best of its part of the row; the best of these wins, and
// its holder overwrites it with NaN and searches its part again.
__kernel GROUP void ranking_top(__global float *restrict scores,
                                const __global int *restrict offsets,
                                const __global int *restrict excluded, __global int *restrict rows,
                                __global float *restrict best, int start, int first, int items,
                                int stride, int k)
{
  const int item = get_local_id(0);
  const int user = get_group_id(0);
  const int b = start + user;
  __local float localScores[ITEMS];
  __local int localRows[ITEMS];
  __global float *row = scores + (size_t)user * stride;
  const int end = offsets[b + 1];
  for (int e = offsets[b] + item; e < end; e += ITEMS) {
    const int v = excluded[e] - first;
    if (v >= 0 && v < items) row[v] = NAN;
  }
  barrier(CLK_GLOBAL_MEM_FENCE);
  float score = -INFINITY;
  int holding = NO_ROW;
  bool seeks = true;
  for (int place = 0; place < k; place++) {
    if (seeks) {
      score = -INFINITY;
      holding = NO_ROW;
      for (int v = item; v < items; v += ITEMS) {
        if (precedes(row[v], v, score, holding)) {
          score = row[v];
          holding = v;
        }
      }
    }
    localScores[item] = score;
    localRows[item] = holding;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int half_size = ITEMS / 2; half_size > 0; half_size /= 2) {
      if (item < half_size) {
        const float other = localScores[item + half_size];
        const int otherRow = localRows[item + half_size];
        if (precedes(other, otherRow, localScores[item], localRows[item])) {
          localScores[item] = other;
          localRows[item] = otherRow;
        }
      }
      barrier(CLK_LOCAL_MEM_FENCE);
    }
    const int winner = localRows[0];
    if (item == 0) {
      best[(size_t)b * k + place] = localScores[0];
      rows[(size_t)b * k + place] = winner == NO_ROW ? -1 : first + winner;
    }
    seeks = winner == holding && winner != NO_ROW;
    if (seeks) row[winner] = NAN;
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}
