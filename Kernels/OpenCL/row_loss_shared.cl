// Shared by the losses of rows: sizes of their work-groups, and vectors at the end of a row.
// Compiled before row_loss.cl and row_loss_softmax.cl.

#ifdef TUNING_CPU
#define ITEMS 1
#define LANES_PER_ROW 1
#define TEAMS 1
#define CHUNK 4096  // 16 KB of each operand
#define CHUNK_ROWS 64
#define TOTAL(value, first, lane, size) (value)
#define MAXIMUM(value, first, lane, size) (value)
#else
#define ITEMS 256
#define LANES_PER_ROW 32
#define TEAMS 8
#define CHUNK 1024
#define CHUNK_ROWS 8
#define TOTAL(value, first, lane, size) group_sum(value, scratch, first, lane, size)
#define MAXIMUM(value, first, lane, size) group_maximum(value, scratch, first, lane, size)
#endif
#define STRIDE (LANES_PER_ROW * VECTOR_WIDTH)

// One vector from a pointer after which `tail` floats are left; lanes after them hold `filling`.
static inline vf load_tail(const __global float *pointer, int tail, float filling)
{
  if (tail >= VECTOR_WIDTH) return loadv(pointer);
  vf_lanes part = {(vf)(filling)};
  for (int lane = 0; lane < tail; ++lane) part.lanes[lane] = pointer[lane];
  return part.vector;
}

static inline void store_tail(__global float *pointer, vf value, int tail)
{
  if (tail >= VECTOR_WIDTH) storev(pointer, value);
  else storev_part(pointer, value, tail);
}

// e^x for x <= 0.
static inline vf exp_negative(vf x)
{
  x *= LOG2_E;
  return exp2v(x < (vf)(-126.0f) ? (vf)(-126.0f) : x);
}
