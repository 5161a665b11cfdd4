// Target attention of the deep interest network (Zhou et al. 2018), forward, GPU tuning. Compiled
// after target_attention_tiles_gpu.cl.
//
//   out[n] = sum over m of s(n, m) k[m],   max(start of n's sequence, n - window) <= m < n
//   s(n, m) = output . sigmoid(query_part[n] + key_part[m] + P (q[n] k[m]))
//
// q, k, out: [N, WIDTH]; query_part, key_part: [N, HIDDEN]; output: [HIDDEN]; packed: P^T, [WIDTH,
// HIDDEN]. scores: [N, window], column j for the event m = n - 1 - j, is written only if
// `has_scores`; elements without an event of the sequence are not written. Nothing is kept for the
// backward pass.
//
// One work-group per candidate: (position in the sequence, sequence).

__attribute__((reqd_work_group_size(LANES, TEAMS, 1)))
__kernel void target_attention_forward(__global const float *q, __global const float *k,
                                       __global const float *query_part,
                                       __global const float *key_part, __global const float *packed,
                                       __global const float *output, __global const int *offsets,
                                       __global float *out, __global float *scores, int has_scores,
                                       int window)
{
  __local float x[TILE * DEPTH], scratch[ITEMS], s[TILE];
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int place = (int)get_group_id(0);
  const int sequence = (int)get_group_id(1);
  const int item = team * LANES + lane;
  const int start = offsets[sequence];
  const int n = start + place;
  const int exists = n < offsets[sequence + 1];
  const int end = exists ? n : start;
  const int width = exists ? WIDTH : 0;
  for (int c = item; c < width; c += ITEMS) out[(size_t)n * WIDTH + c] = 0.0f;
  for (int m = max(start, n - window); m < end; m += TILE) {
    const int count = min(TILE, end - m);
    const int mine = m + team * PAIRS;  // the team's first event
    const int own = min(PAIRS, count - team * PAIRS);
    float sums[PAIRS], totals[PAIRS];
    EACH_BELOW(i, PAIRS) totals[i] = 0.0f;
    for (int first = 0; first < HIDDEN; first += LANES) {
      const int e = first + lane;
      unit_sums(sums, q + (size_t)n * WIDTH, k + (size_t)m * WIDTH, count, packed, e, item, x);
      const int units = e < HIDDEN ? own : 0;
      EACH_BELOW(i, PAIRS) if (i < units) {
        const size_t key = (size_t)(mine + i) * HIDDEN + e;
        const float h = sigmoidf(sums[i] + query_part[(size_t)n * HIDDEN + e] + key_part[key]);
        totals[i] = fma(output[e], h, totals[i]);
      }
    }
    EACH_BELOW(i, PAIRS) {
      const float score = group_sum(totals[i], scratch, team * LANES, lane, LANES);
      if (lane == 0) s[team * PAIRS + i] = score;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int c = item; c < WIDTH; c += ITEMS) {
      float sum = out[(size_t)n * WIDTH + c];
      for (int i = 0; i < count; ++i) sum = fma(s[i], k[(size_t)(m + i) * WIDTH + c], sum);
      out[(size_t)n * WIDTH + c] = sum;
    }
    if (has_scores && item < count) scores[(size_t)n * window + n - 1 - m - item] = s[item];
  }
}
