// Target attention of the deep interest network (Zhou et al. 2018), forward, CPU tuning. Compiled
// after target_attention_tiles_cpu.cl.
//
//   out[n] = sum over m of s(n, m) k[m],   max(start of n's sequence, n - window) <= m < n
//   s(n, m) = output . sigmoid(query_part[n] + key_part[m] + P (q[n] k[m]))
//
// q, k, out: [N, WIDTH]; query_part, key_part: [N, HIDDEN]; output: [HIDDEN]; packed: P^T in panels
// of HIDDEN_PANEL vectors. scores: [N, window], column j for the event m = n - 1 - j, is written
// only if `has_scores`; elements without an event of the sequence are not written. Nothing is kept
// for the backward pass.
//
// One work-item per CANDIDATES candidates of a sequence.

#define CANDIDATES 16  // the same number as on the host

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void target_attention_forward(__global const float *q, __global const float *k,
                                       __global const float *query_part,
                                       __global const float *key_part, __global const float *packed,
                                       __global const float *output, __global const int *offsets,
                                       __global float *out, __global float *scores, int has_scores,
                                       int window)
{
  const int block = (int)get_group_id(0);
  const int sequence = (int)get_group_id(1);
  const int start = offsets[sequence];
  const int end = min(offsets[sequence + 1], start + (block + 1) * CANDIDATES);
  for (int n = start + block * CANDIDATES; n < end; ++n) {
    vf sums[WIDTH_VECTORS];
    for (int v = 0; v < WIDTH_VECTORS; ++v) sums[v] = (vf)(0.0f);
    for (int m = max(start, n - window); m < n; m += TILE) {
      const int count = min(TILE, n - m);
      vf x[TILE][WIDTH_VECTORS], hidden[TILE][HIDDEN_VECTORS];
      float s[TILE];
      load_products(x, q + (size_t)n * WIDTH, k + (size_t)m * WIDTH, count);
      tile_scores(s, hidden, x, query_part + (size_t)n * HIDDEN, key_part + (size_t)m * HIDDEN,
                  packed, output, count);
      for (int i = 0; i < count; ++i) {
        for (int v = 0; v < WIDTH_VECTORS; ++v)
          sums[v] = fma((vf)(s[i]), load_vector(k + (size_t)(m + i) * WIDTH, v, WIDTH), sums[v]);
        if (has_scores) scores[(size_t)n * window + n - 1 - m - i] = s[i];
      }
    }
    for (int v = 0; v < WIDTH_VECTORS; ++v)
      store_vector(out + (size_t)n * WIDTH, v, sums[v], WIDTH);
  }
}
