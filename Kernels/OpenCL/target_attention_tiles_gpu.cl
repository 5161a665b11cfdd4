// Target attention on a GPU: TILE events before a candidate at a time. Compiled before
// target_attention_gpu.cl and target_attention_backward_gpu.cl. The host sets WIDTH and HIDDEN.
//
// A work-group has TEAMS teams of LANES work-items; a team computes PAIRS events, its lanes the
// hidden units or the channels.

#define LANES 32
#define TEAMS 8
#define ITEMS (LANES * TEAMS)
#define PAIRS 4
#define TILE (TEAMS * PAIRS)
#define DEPTH 32  // channels of a tile that are in local memory at a time

static inline float sigmoidf(float x) { return 1.0f / (1.0f + exp(-x)); }

// sums[i] = sum over c of packed[c, e] q[c] k[m + i, c] for the events of the item's team; packed:
// [WIDTH, HIDDEN]. All items of the work-group must call it; x holds TILE * DEPTH floats. Rows from
// `count` on and units after the last repeat the last one instead of being guarded by a condition:
// the compiler may move a condition on the work-item out of the loop with barriers, and pocl 3.1
// then miscompiles it.
static inline void unit_sums(float sums[PAIRS], __global const float *q, __global const float *keys,
                             int count, __global const float *packed, int e, int item,
                             __local float *x)
{
  const int team = item / LANES;
  const int unit = min(e, HIDDEN - 1);
  EACH_BELOW(i, PAIRS) sums[i] = 0.0f;
  for (int start = 0; start < WIDTH; start += DEPTH) {
    const int depth = min(DEPTH, WIDTH - start);
    for (int index = item; index < TILE * DEPTH; index += ITEMS) {
      const int row = min(index / DEPTH, count - 1);
      const int c = start + min(index % DEPTH, depth - 1);
      x[index] = q[c] * keys[(size_t)row * WIDTH + c];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll 4
    for (int c = 0; c < depth; ++c) {
      const float p = packed[(start + c) * HIDDEN + unit];
      EACH_BELOW(i, PAIRS)
        sums[i] = fma(p, x[(team * PAIRS + i) * DEPTH + c], sums[i]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}
