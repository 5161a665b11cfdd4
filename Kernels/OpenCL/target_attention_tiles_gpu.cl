// Target attention on a GPU: TILE events before a candidate at a time. Comes before
// target_attention_gpu.cl and target_attention_backward_gpu.cl. The host sets WIDTH and HIDDEN.
//
// A work-group has TEAMS teams of LANES items; a team takes PAIRS events, its lanes the units or the
// channels.

#define LANES 32
#define TEAMS 8
#define ITEMS (LANES * TEAMS)
#define PAIRS 4
#define TILE (TEAMS * PAIRS)
#define DEPTH 32  // channels of a tile that are in local memory at a time

static inline float sigmoidf(float x) { return 1.0f / (1.0f + exp(-x)); }

// sums[i] = sum over c of packed[c, e] q[c] k[m + i, c] for the events of the item's team; packed: [WIDTH,
// HIDDEN]. All items of the work-group must call it; x holds TILE * DEPTH floats.
static inline void unit_sums(float sums[PAIRS], __global const float *q, __global const float *keys,
                             int count, __global const float *packed, int e, int item,
                             __local float *x)
{
  const int team = item / LANES;
  // A lane without a unit repeats the last one, and nobody asks for its sums: pocl 3.1 miscompiles a
  // condition on the lane between these barriers where WIDTH is 2 DEPTH.
  const int unit = min(e, HIDDEN - 1);
  for (int i = 0; i < PAIRS; ++i) sums[i] = 0.0f;
  for (int start = 0; start < WIDTH; start += DEPTH) {
    const int depth = min(DEPTH, WIDTH - start);
    for (int index = item; index < TILE * DEPTH; index += ITEMS) {
      const int row = index / DEPTH;
      const int c = index % DEPTH;
      const int exists = row < count && c < depth;
      x[index] = exists ? q[start + c] * keys[(size_t)row * WIDTH + start + c] : 0.0f;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int c = 0; c < depth; ++c) {
      const float p = packed[(start + c) * HIDDEN + unit];
      for (int i = 0; i < PAIRS; ++i)
        sums[i] = fma(p, x[(team * PAIRS + i) * DEPTH + c], sums[i]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}
