// Gated recurrent units over ragged sequences on a CPU. gru_cell.cl has the formula,
// recurrent_cpu.cl the division of work. Both kernels compute the steps first_time ..< end_time:
// all steps, or one step per launch.

// gates [N,3H]: W_ih x + b_ih on entry; on exit r, z, n, kept for the backward pass with inner
// [N,H] and h [N,H]. weight: panels of W_hh^T [H,3H]. sums [B,3H] is a workspace. Grid: one
// work-group per block, or any number of work-groups that share a queue.
__attribute__((reqd_work_group_size(1, 1, 1))) __kernel void gru_forward(
    __global float *gates, __global const float *weight, __global const float *bias,
    __global const float *h0, const int has_initial, __global float *sums, __global float *inner,
    __global float *h, __global const int *offsets, __global const int *order,
    __global int *taken, const int has_queue, const int sequences, const int hidden,
    const int first_time, const int end_time)
{
  const int group = get_group_id(0);
  EACH_BLOCK(block, taken, has_queue, group, (sequences + BLOCK_ROWS - 1) / BLOCK_ROWS) {
    block_rows rows;
    load_rows(&rows, block, offsets, order, sequences);
    for (int time = first_time; time < min(end_time, rows.length[0]); ++time) {
      const int count = rows_beyond(&rows, time);
      const int has_before = time > 0 || has_initial;
      const __global float *from[BLOCK_ROWS];
      __global float *to[BLOCK_ROWS];
      for (int r = 0; r < count; ++r) {
        from[r] = time > 0 ? h + (size_t)(rows.first[r] + time - 1) * hidden
                           : h0 + (size_t)rows.sequence[r] * hidden;
        to[r] = sums + (size_t)(block * BLOCK_ROWS + r) * 3 * hidden;
        prefetch_row(gates + (size_t)(rows.first[r] + time) * 3 * hidden, 3 * hidden);
      }
      multiply_rows(from, count, weight, has_before ? hidden : 0, 3 * hidden, bias, 0, to);
      for (int r = 0; r < count; ++r) {
        const size_t n = rows.first[r] + time;
#define FORWARD(j, lanes)                                                                  \
  {                                                                                        \
    vf state[3];                                                                           \
    EACH_BELOW(g, 3) state[g] = load_lanes(to[r] + g * hidden + j, lanes);                 \
    gru_cell_forward(gates + n * 3 * hidden + j, hidden, state,                            \
                     has_before ? load_lanes(from[r] + j, lanes) : (vf)(0.0f),             \
                     inner + n * hidden + j, h + n * hidden + j, lanes);                   \
  }
        EACH_VECTOR(hidden, FORWARD)
      }
    }
  }
}

// gates [N,3H]: r, z, n on entry; on exit the gradients of W_ih x + b_ih. dsums [N,3H]: those of
// W_hh h + b_hh. dy [N,H]: gradient of the output. dh [B,H]: gradient of the state, arriving from
// later steps. On entry: of the final state. On exit, if step -1 runs: of the initial state.
// weight: panels of W_hh [3H,H].
__attribute__((reqd_work_group_size(1, 1, 1))) __kernel void gru_backward(
    __global float *gates, __global const float *weight, __global const float *h0,
    const int has_initial, __global const float *inner, __global const float *h,
    __global const float *dy, __global float *dsums, __global float *dh,
    __global const int *offsets, __global const int *order, __global int *taken,
    const int has_queue, const int sequences, const int hidden, const int first_time,
    const int end_time)
{
  const int group = get_group_id(0);
  EACH_BLOCK(block, taken, has_queue, group, (sequences + BLOCK_ROWS - 1) / BLOCK_ROWS) {
    block_rows rows;
    load_rows(&rows, block, offsets, order, sequences);
    for (int time = min(end_time, rows.length[0]) - 1; time >= first_time; --time) {
      const __global float *from[BLOCK_ROWS];
      __global float *to[BLOCK_ROWS];
      const int later = rows_beyond(&rows, time + 1);
      for (int r = 0; r < later; ++r) {
        from[r] = dsums + (size_t)(rows.first[r] + time + 1) * 3 * hidden;
        to[r] = dh + (size_t)rows.sequence[r] * hidden;
      }
      const int count = time < 0 ? 0 : rows_beyond(&rows, time);
      for (int r = 0; r < count; ++r) {
        const size_t n = rows.first[r] + time;
        prefetch_row(gates + n * 3 * hidden, 3 * hidden);
        prefetch_row(inner + n * hidden, hidden);
        prefetch_row(h + (max(n, (size_t)1) - 1) * hidden, hidden);
        prefetch_row(dy + n * hidden, hidden);
      }
      multiply_rows(from, later, weight, 3 * hidden, hidden, 0, 1, to);
      for (int r = 0; r < count; ++r) {
        const size_t n = rows.first[r] + time;
        const size_t b = rows.sequence[r];
        const __global float *h_before =
            time > 0 ? h + (n - 1) * hidden : (has_initial ? h0 + b * hidden : 0);
#define BACKWARD(j, lanes)                                                                 \
  {                                                                                        \
    const vf dout = load_lanes(dy + n * hidden + j, lanes) +                               \
                    load_lanes(dh + b * hidden + j, lanes);                                \
    gru_cell_backward(gates + n * 3 * hidden + j, hidden, dout,                            \
                      load_lanes(inner + n * hidden + j, lanes),                           \
                      h_before ? load_lanes(h_before + j, lanes) : (vf)(0.0f),             \
                      dsums + n * 3 * hidden + j, dh + b * hidden + j, lanes);             \
  }
        EACH_VECTOR(hidden, BACKWARD)
      }
    }
  }
}
