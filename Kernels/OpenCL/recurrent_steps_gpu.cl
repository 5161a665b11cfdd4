// One step of a recurrence over ragged sequences on a GPU, for many units. recurrent_common.cl has the arrays.
//
// A work-group computes UNITS units of BLOCK_ROWS sequences of similar length at step `time`: a product of
// their states and W_hh, then the cell. In the product item (team, unit) sums a part of each CHUNK of k for
// all the sequences, so that a weight that is loaded serves them all; then it has the unit of sequence `team`.
// Sums over k have one order, whatever the other sequences are. Grid: (blocks of sequences, parts of H).

#define UNITS 32
#define BLOCK_ROWS 4  // also the teams
#define ITEMS (UNITS * BLOCK_ROWS)
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
#define CHUNK 64  // steps of k in local memory at a time

typedef struct {
  int sequence[BLOCK_ROWS];
  int first[BLOCK_ROWS];   // row of the sequence's first event
  int length[BLOCK_ROWS];  // -1 after the last sequence
  int row[BLOCK_ROWS];     // of the array that is multiplied; -1 for zeros
  float4 values[CHUNK];    // of the sequences' rows
  float4 sums[BLOCK_ROWS][GATES][UNITS];
} block_memory;

// Sets which row of each sequence is multiplied: that of event `at` if it has an event `time`; where `at` is
// negative the sequence's row of the initial state.
ALWAYS_INLINE void load_rows(__local block_memory *memory, const __global int *offsets,
                             const __global int *order, const int sequences, const int time,
                             const int at, const int item)
{
  if (item < BLOCK_ROWS) {
    const int rank = (int)get_group_id(0) * BLOCK_ROWS + item;
    const int b = order[min(rank, sequences - 1)];
    const int length = rank < sequences ? offsets[b + 1] - offsets[b] : -1;
    memory->sequence[item] = b;
    memory->first[item] = offsets[b];
    memory->length[item] = length;
    memory->row[item] = length <= time ? -1 : at < 0 ? b : offsets[b] + at;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
}

// memory->sums = parts of the products of each row of `rows` [.][k] and the columns gate * width + u of weight
// [k][gates * width]. All items of the group must call it.
ALWAYS_INLINE void multiply_rows(__local block_memory *memory, const int gates,
                                 const __global float *rows, const int k,
                                 const __global float *weight, const int width, const int u,
                                 const int item)
{
  const int team = item / UNITS;
  float4 sums[GATES];
  EACH_BELOW(g, GATES) sums[g] = (float4)(0.0f);
  for (int start = 0; start < k; start += CHUNK) {
    const int depth = min(CHUNK, k - start);
    for (int i = item; i < CHUNK * BLOCK_ROWS; i += ITEMS) {
      const int r = i / CHUNK, p = i % CHUNK;
      const int row = memory->row[r];
      ((__local float *)(memory->values + p))[r] =
          row >= 0 && p < depth ? rows[(size_t)row * k + start + p] : 0.0f;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (u < width) {
      const int own = CHUNK / BLOCK_ROWS;
      const __global float *column = weight + (size_t)start * gates * width + u;
#pragma unroll 4
      for (int p = team * own; p < min(depth, (team + 1) * own); ++p)
        EACH_BELOW(g, GATES)
          if (g < gates)
            sums[g] = fma((float4)(column[(size_t)(p * gates + g) * width]), memory->values[p],
                          sums[g]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  EACH_BELOW(g, GATES)
    if (g < gates) memory->sums[team][g][item % UNITS] = sums[g];
  barrier(CLK_LOCAL_MEM_FENCE);
}

// The sum of the teams' parts for a sequence of the block.
ALWAYS_INLINE float sum_of_parts(const __local block_memory *memory, const int gate, const int unit,
                                 const int r)
{
  float sum = 0.0f;
  for (int team = 0; team < BLOCK_ROWS; ++team)
    sum += ((const __local float *)&memory->sums[team][gate][unit])[r];
  return sum;
}

GROUP __kernel void CELL_FORWARD(
    __global float *gates, __global const float *weight, __global const float *bias,
    __global const float *h0, __global const float *c0, const int has_initial,
    __global float *kept, __global float *h, __global float *previous, const int keeps_previous,
    __global const int *offsets, __global const int *order, const int sequences, const int hidden,
    const int time)
{
  __local block_memory memory;
  const int item = get_local_id(0);
  const int r = item / UNITS;
  const int u = (int)get_group_id(1) * UNITS + item % UNITS;
  const int has_before = time > 0 || has_initial;
  load_rows(&memory, offsets, order, sequences, time, time - 1, item);
  multiply_rows(&memory, GATES, time > 0 ? h : h0, has_before ? hidden : 0, weight, hidden, u, item);
  if (u < hidden && memory.length[r] > time) {
    const size_t n = memory.first[r] + time;
    const size_t before = (time > 0 ? n - 1 : (size_t)memory.sequence[r]) * hidden + u;
    __global float *row = gates + n * GATES * hidden + u;
    vf gate[GATES], sum[GATES], kept_now, h_now;
    EACH_BELOW(g, GATES) {
      gate[g] = row[g * hidden];
      sum[g] = bias[g * hidden + u] + sum_of_parts(&memory, g, item % UNITS, r);
    }
    const float h_before = has_before ? (time > 0 ? h : h0)[before] : 0.0f;
    const float c_before = has_before && CELL_HAS_MEMORY ? (time > 0 ? kept : c0)[before] : 0.0f;
    cell_forward(gate, sum, CELL_STATE(c_before, h_before), &kept_now, &h_now);
    EACH_BELOW(g, GATES) row[g * hidden] = gate[g];
    if (keeps_previous) previous[n * hidden + u] = h_before;
    kept[n * hidden + u] = kept_now;
    h[n * hidden + u] = h_now;
  }
}

// At time -1 the gradients of the initial state.
GROUP __kernel void CELL_BACKWARD(
    __global float *gates, __global const float *weight, __global const float *h0,
    __global const float *c0, const int has_initial, __global const float *kept,
    __global const float *h, __global const float *dy, __global float *dsums, __global float *dh,
    __global float *dc, __global const int *offsets, __global const int *order, const int sequences,
    const int hidden, const int time)
{
  __local block_memory memory;
  const int item = get_local_id(0);
  const int r = item / UNITS;
  const int u = (int)get_group_id(1) * UNITS + item % UNITS;
  load_rows(&memory, offsets, order, sequences, time + 1, time + 1, item);
  multiply_rows(&memory, 1, dsums, GATES * hidden, weight, hidden, u, item);
  if (u < hidden && memory.length[r] > time) {
    const size_t n = memory.first[r] + time;
    const size_t state = (size_t)memory.sequence[r] * hidden + u;
    const bool has_later = memory.length[r] > time + 1;
    const float arrived = (has_later && !CELL_IS_DIRECT ? 0.0f : dh[state]) +
                          sum_of_parts(&memory, 0, item % UNITS, r);
    if (time < 0) {
      dh[state] = arrived;
    } else {
      const size_t at = n * hidden + u;
      __global float *row = gates + n * GATES * hidden + u;
      const float before = time > 0      ? CELL_STATE(kept, h)[at - hidden]
                           : has_initial ? CELL_STATE(c0, h0)[state] : 0.0f;
      vf gate[GATES], sum[GATES], direct = 0.0f, memory_now = CELL_HAS_MEMORY ? dc[state] : 0.0f;
      EACH_BELOW(g, GATES) gate[g] = row[g * hidden];
      cell_backward(gate, sum, dy[at] + arrived, kept[at], before, &direct, &memory_now);
      EACH_BELOW(g, GATES) row[g * hidden] = gate[g];
      if (CELL_HAS_OWN_SUMS)
        EACH_BELOW(g, GATES) dsums[(n * GATES + g) * hidden + u] = sum[g];
      if (CELL_HAS_MEMORY) dc[state] = memory_now;
      if (CELL_IS_DIRECT) dh[state] = direct;
    }
  }
}
