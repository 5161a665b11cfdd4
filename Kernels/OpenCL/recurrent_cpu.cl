// A recurrence over ragged sequences on a CPU. recurrent_common.cl has the arrays, recurrent_blocks_cpu.cl the
// division of work. Grid: any number of work-groups, which share the queue `taken`.

// sums [B][GATES H] is a workspace.
ONE_ITEM __kernel void CELL_FORWARD(
    __global float *gates, __global const float *weight, __global const float *bias,
    __global const float *h0, __global const float *c0, const int has_initial,
    __global float *kept, __global float *h, __global float *previous, const int keeps_previous,
    __global const int *offsets, __global const int *order, __global int *taken,
    __global float *sums, const int sequences, const int hidden)
{
  EACH_BLOCK(block, taken, sequences) {
    block_rows rows;
    load_rows(&rows, block, offsets, order, sequences);
    for (int time = 0; time < rows.length[0]; ++time) {
      const int count = rows_beyond(&rows, time);
      const int has_before = time > 0 || has_initial;
      const __global float *from[BLOCK_ROWS];
      __global float *to[BLOCK_ROWS];
      for (int r = 0; r < count; ++r) {
        from[r] = time > 0 ? h + (size_t)(rows.first[r] + time - 1) * hidden
                           : h0 + (size_t)rows.sequence[r] * hidden;
        to[r] = sums + (size_t)(block * BLOCK_ROWS + r) * GATES * hidden;
        prefetch_row(gates + (size_t)(rows.first[r] + time) * GATES * hidden, GATES * hidden);
      }
      multiply_rows(from, count, weight, has_before ? hidden : 0, GATES * hidden, bias, 0, to);
      for (int r = 0; r < count; ++r) {
        const size_t n = rows.first[r] + time;
        __global float *row = gates + n * GATES * hidden;
        const __global float *before =
            time > 0 ? CELL_STATE(kept, h) + (n - 1) * hidden
                     : CELL_STATE(c0, h0) + (size_t)rows.sequence[r] * hidden;
#define FORWARD(j, lanes)                                                                  \
  {                                                                                        \
    vf gate[GATES], sum[GATES], kept_now, h_now;                                           \
    EACH_BELOW(g, GATES) gate[g] = load_lanes(row + g * hidden + j, lanes);                \
    EACH_BELOW(g, GATES) sum[g] = load_lanes(to[r] + g * hidden + j, lanes);               \
    cell_forward(gate, sum, has_before ? load_lanes(before + j, lanes) : (vf)(0.0f),       \
                 &kept_now, &h_now);                                                       \
    EACH_BELOW(g, GATES) store_lanes(row + g * hidden + j, gate[g], lanes);                \
    store_lanes(kept + n * hidden + j, kept_now, lanes);                                   \
    store_lanes(h + n * hidden + j, h_now, lanes);                                         \
    if (keeps_previous)                                                                    \
      store_lanes(previous + n * hidden + j,                                               \
                  has_before ? load_lanes(from[r] + j, lanes) : (vf)(0.0f), lanes);        \
  }
        EACH_VECTOR(hidden, FORWARD)
      }
    }
  }
}

ONE_ITEM __kernel void CELL_BACKWARD(
    __global float *gates, __global const float *weight, __global const float *h0,
    __global const float *c0, const int has_initial, __global const float *kept,
    __global const float *h, __global const float *dy, __global float *dsums, __global float *dh,
    __global float *dc, __global const int *offsets, __global const int *order,
    __global int *taken, const int sequences, const int hidden)
{
  EACH_BLOCK(block, taken + 1, sequences) {
    block_rows rows;
    load_rows(&rows, block, offsets, order, sequences);
    for (int time = rows.length[0] - 1; time >= (has_initial ? -1 : 0); --time) {
      const __global float *from[BLOCK_ROWS];
      __global float *to[BLOCK_ROWS];
      const int later = rows_beyond(&rows, time + 1);
      for (int r = 0; r < later; ++r) {
        from[r] = dsums + (size_t)(rows.first[r] + time + 1) * GATES * hidden;
        to[r] = dh + (size_t)rows.sequence[r] * hidden;
      }
      const int count = time < 0 ? 0 : rows_beyond(&rows, time);
      for (int r = 0; r < count; ++r) {
        const size_t n = rows.first[r] + time;
        prefetch_row(gates + n * GATES * hidden, GATES * hidden);
        prefetch_row(kept + n * hidden, hidden);
        prefetch_row(CELL_STATE(kept, h) + (max(n, (size_t)1) - 1) * hidden, hidden);
        prefetch_row(dy + n * hidden, hidden);
      }
      multiply_rows(from, later, weight, GATES * hidden, hidden, 0, CELL_IS_DIRECT, to);
      for (int r = 0; r < count; ++r) {
        const size_t n = rows.first[r] + time;
        const size_t b = rows.sequence[r];
        __global float *row = gates + n * GATES * hidden;
        const int has_before = time > 0 || has_initial;
        const __global float *before = time > 0 ? CELL_STATE(kept, h) + (n - 1) * hidden
                                                : CELL_STATE(c0, h0) + b * hidden;
#define BACKWARD(j, lanes)                                                                 \
  {                                                                                        \
    vf gate[GATES], sum[GATES], direct;                                                    \
    EACH_BELOW(g, GATES) gate[g] = load_lanes(row + g * hidden + j, lanes);                \
    const vf dout =                                                                        \
        load_lanes(dy + n * hidden + j, lanes) + load_lanes(dh + b * hidden + j, lanes);   \
    vf memory = CELL_HAS_MEMORY ? load_lanes(dc + b * hidden + j, lanes) : (vf)(0.0f);     \
    cell_backward(gate, sum, dout, load_lanes(kept + n * hidden + j, lanes),               \
                  has_before ? load_lanes(before + j, lanes) : (vf)(0.0f), &direct,        \
                  &memory);                                                                \
    EACH_BELOW(g, GATES) store_lanes(row + g * hidden + j, gate[g], lanes);                \
    if (CELL_HAS_OWN_SUMS)                                                                 \
      EACH_BELOW(g, GATES)                                                                 \
        store_lanes(dsums + (n * GATES + g) * hidden + j, sum[g], lanes);                  \
    if (CELL_HAS_MEMORY) store_lanes(dc + b * hidden + j, memory, lanes);                  \
    if (CELL_IS_DIRECT) store_lanes(dh + b * hidden + j, direct, lanes);                   \
  }
        EACH_VECTOR(hidden, BACKWARD)
      }
    }
  }
}
