// A recurrence over ragged sequences on a GPU, of fewer than 256 units (HIDDEN). recurrent_common.cl has the
// arrays.
//
// A work-group computes all steps of one sequence, its state in local memory. Each step has a product of the
// state and W_hh, then the cell: item u has unit u. In the product an item sums some columns; where a product
// has fewer columns than the group has items, teams of items share the steps of k. OWN_WEIGHTS of an item's
// weights stay in its registers over all steps of the sequence; the others come from the caches.
// Grid: (B).

#define ITEMS 256
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
#define OWN_WEIGHTS 64
#define COLUMNS (GATES * HIDDEN)

// Of a product with `columns` results from `depth` values; all are constants. A team takes SLICE steps of k,
// four at a time; OWN of them have weights in registers.
#define TEAMS(columns) ((columns) < ITEMS ? ITEMS / (columns) : 1)
#define ROUNDS(columns) (((columns) + ITEMS - 1) / ITEMS)
#define FOURS(count) (((count) + 3) / 4)
#define SLICE(columns, depth) (4 * FOURS(((depth) + TEAMS(columns) - 1) / TEAMS(columns)))
#define MOST(columns) (OWN_WEIGHTS / ROUNDS(columns) / 4 * 4)
#define OWN(columns, depth)                                                                \
  (SLICE(columns, depth) < MOST(columns) ? SLICE(columns, depth) : MOST(columns))
// Whether a team's slice may pass the end of k.
#define PASSES(columns, depth) (TEAMS(columns) * SLICE(columns, depth) != (depth))
// Values [depth] in local memory, in vectors of four, zeros after the last one.
#define VALUES(columns, depth) (FOURS(TEAMS(columns) * SLICE(columns, depth)))

// Runs a statement for each of the item's sums: of `column`, over k from `first` on.
#define EACH_OWN_SUM(columns, depth, item, ...)                                            \
  EACH_BELOW(round, ROUNDS(columns)) {                                                     \
    const int unit = round * ITEMS + item;                                                 \
    const int team = unit / (columns), column = unit % (columns);                          \
    const int first = team * SLICE(columns, depth);                                        \
    if (team < TEAMS(columns)) __VA_ARGS__                                                 \
  }

// The weight of step k, `ahead` steps after a pointer; 0 after the last step.
#define WEIGHT(pointer, columns, depth, k, ahead)                                          \
  (PASSES(columns, depth) && (k) + (ahead) >= (depth) ? 0.0f : (pointer)[(ahead) * (columns)])

// The item's own weights of weight [depth][columns].
#define LOAD_OWN(own, weight, columns, depth, item)                                        \
  EACH_OWN_SUM(columns, depth, item, {                                                     \
    EACH_BELOW(i, OWN(columns, depth))                                                     \
      own[round * OWN(columns, depth) + i] =                                               \
          WEIGHT(weight + first * (columns) + column, columns, depth, first, i);           \
  })

#define ADD_FOUR(sum, four, w0, w1, w2, w3)                                                \
  sum = fma(w3, (four).w, fma(w2, (four).z, fma(w1, (four).y, fma(w0, (four).x, sum))));

// sums[team][column] = the team's part of the product of the values and the weight.
#define MULTIPLY(sums, values, own, weight, columns, depth, item)                          \
  EACH_OWN_SUM(columns, depth, item, {                                                     \
    float sum = 0.0f;                                                                      \
    EACH_BELOW(i, OWN(columns, depth) / 4) {                                               \
      const float4 four = values[first / 4 + i];                                           \
      const int at = round * OWN(columns, depth) + 4 * i;                                  \
      ADD_FOUR(sum, four, own[at], own[at + 1], own[at + 2], own[at + 3])                  \
    }                                                                                      \
    const __global float *next =                                                           \
        weight + (first + OWN(columns, depth)) * (columns) + column;                       \
    _Pragma("unroll 4") for (int i = OWN(columns, depth); i < SLICE(columns, depth);       \
                             i += 4, next += 4 * (columns)) {                              \
      const int k = first + i;                                                             \
      const float4 four = values[k / 4];                                                   \
      ADD_FOUR(sum, four, WEIGHT(next, columns, depth, k, 0),                              \
               WEIGHT(next, columns, depth, k, 1), WEIGHT(next, columns, depth, k, 2),     \
               WEIGHT(next, columns, depth, k, 3))                                         \
    }                                                                                      \
    sums[team * (columns) + column] = sum;                                                 \
  })

ALWAYS_INLINE float sum_of_teams(const __local float *sums, const int columns, const int column)
{
  float sum = 0.0f;
  for (int team = 0; team < TEAMS(columns); ++team) sum += sums[team * columns + column];
  return sum;
}

GROUP __kernel void CELL_FORWARD(
    __global float *gates, __global const float *weight, __global const float *bias,
    __global const float *h0, __global const float *c0, const int has_initial,
    __global float *kept, __global float *h, __global float *previous, const int keeps_previous,
    __global const int *offsets)
{
  __local float4 state4[VALUES(COLUMNS, HIDDEN)];
  __local float *state = (__local float *)state4;
  __local float sums[TEAMS(COLUMNS) * COLUMNS];
  const int item = get_local_id(0);
  const int b = get_group_id(0);
  const int end = offsets[b + 1];
  const size_t initial = (size_t)b * HIDDEN + item;
  float own[ROUNDS(COLUMNS) * OWN(COLUMNS, HIDDEN)];
  LOAD_OWN(own, weight, COLUMNS, HIDDEN, item)
  float before = 0.0f;  // of the item's unit
  for (int i = item; i < VALUES(COLUMNS, HIDDEN); i += ITEMS) state4[i] = (float4)(0.0f);
  barrier(CLK_LOCAL_MEM_FENCE);
  if (item < HIDDEN) {
    state[item] = has_initial ? h0[initial] : 0.0f;
    before = has_initial ? CELL_STATE(c0, h0)[initial] : 0.0f;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int n = offsets[b]; n < end; ++n) {
    MULTIPLY(sums, state4, own, weight, COLUMNS, HIDDEN, item)
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item < HIDDEN) {
      const size_t at = (size_t)n * HIDDEN + item;
      __global float *row = gates + (size_t)n * COLUMNS + item;
      vf gate[GATES], sum[GATES], kept_now, h_now;
      EACH_BELOW(g, GATES) {
        gate[g] = row[g * HIDDEN];
        sum[g] = bias[g * HIDDEN + item] + sum_of_teams(sums, COLUMNS, g * HIDDEN + item);
      }
      cell_forward(gate, sum, before, &kept_now, &h_now);
      EACH_BELOW(g, GATES) row[g * HIDDEN] = gate[g];
      if (keeps_previous) previous[at] = state[item];
      kept[at] = kept_now;
      h[at] = h_now;
      before = CELL_STATE(kept_now, h_now);
      state[item] = h_now;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}

GROUP __kernel void CELL_BACKWARD(
    __global float *gates, __global const float *weight, __global const float *h0,
    __global const float *c0, const int has_initial, __global const float *kept,
    __global const float *h, __global const float *dy, __global float *dsums, __global float *dh,
    __global float *dc, __global const int *offsets)
{
  __local float4 later4[VALUES(HIDDEN, COLUMNS)];  // gradients of the sums
  __local float *later = (__local float *)later4;
  __local float sums[TEAMS(HIDDEN) * HIDDEN];
  const int item = get_local_id(0);
  const int b = get_group_id(0);
  const int start = offsets[b];
  const size_t initial = (size_t)b * HIDDEN + item;
  float own[ROUNDS(HIDDEN) * OWN(HIDDEN, COLUMNS)];
  LOAD_OWN(own, weight, HIDDEN, COLUMNS, item)
  float arrived = 0.0f, memory = 0.0f;
  for (int i = item; i < VALUES(HIDDEN, COLUMNS); i += ITEMS) later4[i] = (float4)(0.0f);
  barrier(CLK_LOCAL_MEM_FENCE);
  if (item < HIDDEN) {
    arrived = dh[initial];
    memory = CELL_HAS_MEMORY ? dc[initial] : 0.0f;
  }
  for (int n = offsets[b + 1] - 1; n >= start; --n) {
    float direct = 0.0f;
    if (item < HIDDEN) {
      const size_t at = (size_t)n * HIDDEN + item;
      __global float *row = gates + (size_t)n * COLUMNS + item;
      vf gate[GATES], sum[GATES];
      EACH_BELOW(g, GATES) gate[g] = row[g * HIDDEN];
      const float before = n > start      ? CELL_STATE(kept, h)[at - HIDDEN]
                           : has_initial ? CELL_STATE(c0, h0)[initial] : 0.0f;
      cell_backward(gate, sum, dy[at] + arrived, kept[at], before, &direct, &memory);
      EACH_BELOW(g, GATES) {
        const float to_sum = CELL_HAS_OWN_SUMS ? sum[g] : gate[g];
        row[g * HIDDEN] = gate[g];
        if (CELL_HAS_OWN_SUMS) dsums[(size_t)n * COLUMNS + g * HIDDEN + item] = to_sum;
        later[g * HIDDEN + item] = to_sum;
      }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    MULTIPLY(sums, later4, own, weight, HIDDEN, COLUMNS, item)
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item < HIDDEN) arrived = direct + sum_of_teams(sums, HIDDEN, item);
  }
  if (item < HIDDEN && has_initial) {
    dh[initial] = arrived;
    if (CELL_HAS_MEMORY) dc[initial] = memory;
  }
}
