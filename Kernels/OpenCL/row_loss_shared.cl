// Shared by the losses of rows: sizes of their work-groups, and rows of any length by vectors. Comes
// before row_loss.cl and row_loss_softmax.cl.

#ifdef TUNING_CPU
#define ITEMS 1
#define LANES_A_ROW 1
#define TEAMS 1
#define CHUNK 4096  // 16 KB of each operand
#define CHUNK_ROWS 64
#define TOTAL(value, first, lane, size) (value)
#define MOST(value, first, lane, size) (value)
#else
#define ITEMS 256
#define LANES_A_ROW 32
#define TEAMS 8
#define CHUNK 1024
#define CHUNK_ROWS 8
#define TOTAL(value, first, lane, size) group_sum(value, scratch, first, lane, size)
#define MOST(value, first, lane, size) group_max(value, scratch, first, lane, size)

// As group_sum of the prelude.
static inline float group_max(float value, __local float *scratch, int first, int lane, int size)
{
  scratch[first + lane] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_size = size / 2; half_size > 0; half_size /= 2) {
    if (lane < half_size)
      scratch[first + lane] = fmax(scratch[first + lane], scratch[first + lane + half_size]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const float most = scratch[first];
  barrier(CLK_LOCAL_MEM_FENCE);
  return most;
}
#endif
#define STRIDE (LANES_A_ROW * VECTOR_WIDTH)
#define LOG2E 1.44269504f

// Of `rest` floats that are left from a place on, one vector; lanes without one hold `filling`.
static inline vf load_rest(const __global float *pointer, int rest, float filling)
{
  if (rest >= VECTOR_WIDTH) return loadv(pointer);
  vf_lanes part = {(vf)(filling)};
  for (int lane = 0; lane < rest; ++lane) part.lanes[lane] = pointer[lane];
  return part.vector;
}

static inline void store_rest(__global float *pointer, vf value, int rest)
{
  if (rest >= VECTOR_WIDTH) storev(pointer, value);
  else storev_part(pointer, value, rest);
}

// e^x for x <= 0.
static inline vf exp_negative(vf x)
{
  x *= LOG2E;
  return exp2v(x < (vf)(-126.0f) ? (vf)(-126.0f) : x);
}
