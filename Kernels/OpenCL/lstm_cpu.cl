// Long short-term memory over ragged sequences on a CPU. lstm_cell.cl has the formula,
// recurrent_cpu.cl the division of work.
//
// With a projection (Sak, Senior, Beaufays 2014) the state is h = W_hr m; without one h = m. P is
// the width of h. Both kernels compute the steps first_time ..< end_time: all steps, or one step
// per launch.

// gates [N,4H]: W_ih x + b_ih on entry; on exit i, f, g, o, kept for the backward pass with c [N,H]
// and m [N,H]. weight: panels of W_hh^T [P,4H]; projection: panels of W_hr^T [H,P]. sums [B,4H] is
// a workspace. Writes h [N,P]; without a projection m is h. Grid: one work-group per block, or any
// number of work-groups that share a queue.
__attribute__((reqd_work_group_size(1, 1, 1))) __kernel void lstm_forward(
    __global float *gates, __global const float *weight, __global const float *bias,
    __global const float *projection, const int has_projection, __global const float *h0,
    __global const float *c0, const int has_initial, __global float *sums, __global float *c,
    __global float *m, __global float *h, __global const int *offsets, __global const int *order,
    __global int *taken, const int has_queue, const int sequences, const int hidden,
    const int outputs, const int first_time, const int end_time)
{
  const int group = get_group_id(0);
  EACH_BLOCK(block, taken, has_queue, group, (sequences + BLOCK_ROWS - 1) / BLOCK_ROWS) {
    block_rows rows;
    load_rows(&rows, block, offsets, order, sequences);
    for (int time = first_time; time < min(end_time, rows.length[0]); ++time) {
      const int count = rows_beyond(&rows, time);
      const __global float *from[BLOCK_ROWS];
      __global float *to[BLOCK_ROWS];
      for (int r = 0; r < count; ++r) {
        from[r] = time > 0 ? h + (size_t)(rows.first[r] + time - 1) * outputs
                           : h0 + (size_t)rows.sequence[r] * outputs;
        to[r] = sums + (size_t)(block * BLOCK_ROWS + r) * 4 * hidden;
        prefetch_row(gates + (size_t)(rows.first[r] + time) * 4 * hidden, 4 * hidden);
      }
      multiply_rows(from, count, weight, time > 0 || has_initial ? outputs : 0, 4 * hidden, bias,
                    0, to);
      for (int r = 0; r < count; ++r) {
        const size_t n = rows.first[r] + time;
        const __global float *c_before =
            time > 0 ? c + (n - 1) * hidden
                     : (has_initial ? c0 + (size_t)rows.sequence[r] * hidden : 0);
#define FORWARD(j, lanes)                                                                  \
  {                                                                                        \
    vf state[4];                                                                           \
    EACH_BELOW(g, 4) state[g] = load_lanes(to[r] + g * hidden + j, lanes);                 \
    lstm_cell_forward(gates + n * 4 * hidden + j, hidden, state,                           \
                      c_before ? load_lanes(c_before + j, lanes) : (vf)(0.0f),             \
                      c + n * hidden + j, m + n * hidden + j, lanes);                      \
  }
        EACH_VECTOR(hidden, FORWARD)
      }
      if (has_projection) {
        for (int r = 0; r < count; ++r) {
          from[r] = m + (size_t)(rows.first[r] + time) * hidden;
          to[r] = h + (size_t)(rows.first[r] + time) * outputs;
        }
        multiply_rows(from, count, projection, hidden, outputs, 0, 0, to);
      }
    }
  }
}

// gates [N,4H]: i, f, g, o on entry; on exit the gradients of the arguments of their functions. dy
// [N,P]: gradient of the output. dh [B,P] and dc [B,H]: gradients of the state, arriving from later
// steps. On entry: of the final state. On exit, if step -1 runs: of the initial state. weight:
// panels of W_hh [4H,P]; projection: panels of W_hr [P,H]. With a projection dhs [N,P] is the
// complete gradient of h, and dm [B,H] a workspace.
__attribute__((reqd_work_group_size(1, 1, 1))) __kernel void lstm_backward(
    __global float *gates, __global const float *weight, __global const float *projection,
    const int has_projection, __global const float *c0, const int has_initial,
    __global const float *c, __global const float *dy, __global float *dh, __global float *dc,
    __global float *dhs, __global float *dm, __global const int *offsets,
    __global const int *order, __global int *taken, const int has_queue, const int sequences,
    const int hidden, const int outputs, const int first_time, const int end_time)
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
        from[r] = gates + (size_t)(rows.first[r] + time + 1) * 4 * hidden;
        to[r] = dh + (size_t)rows.sequence[r] * outputs;
      }
      const int count = time < 0 ? 0 : rows_beyond(&rows, time);
      for (int r = 0; r < count; ++r) {
        const size_t n = rows.first[r] + time;
        prefetch_row(gates + n * 4 * hidden, 4 * hidden);
        prefetch_row(c + (max(n, (size_t)1) - 1) * hidden, hidden);
        prefetch_row(dy + n * outputs, outputs);
      }
      multiply_rows(from, later, weight, 4 * hidden, outputs, 0, 0, to);
      if (has_projection) {
        for (int r = 0; r < count; ++r) {
          const size_t n = rows.first[r] + time;
          const __global float *later_dh = dh + (size_t)rows.sequence[r] * outputs;
#define SUM(j, lanes)                                                                      \
  {                                                                                        \
    const vf sum =                                                                         \
        load_lanes(dy + n * outputs + j, lanes) + load_lanes(later_dh + j, lanes);         \
    store_lanes(dhs + n * outputs + j, sum, lanes);                                        \
  }
          EACH_VECTOR(outputs, SUM)
          from[r] = dhs + n * outputs;
          to[r] = dm + (size_t)rows.sequence[r] * hidden;
        }
        multiply_rows(from, count, projection, outputs, hidden, 0, 0, to);
      }
      for (int r = 0; r < count; ++r) {
        const size_t n = rows.first[r] + time;
        const size_t b = rows.sequence[r];
        const __global float *c_before =
            time > 0 ? c + (n - 1) * hidden : (has_initial ? c0 + b * hidden : 0);
#define BACKWARD(j, lanes)                                                                 \
  {                                                                                        \
    const vf dout = has_projection ? load_lanes(dm + b * hidden + j, lanes)                \
                                   : load_lanes(dy + n * hidden + j, lanes) +              \
                                         load_lanes(dh + b * hidden + j, lanes);           \
    lstm_cell_backward(gates + n * 4 * hidden + j, hidden, dout,                           \
                       load_lanes(c + n * hidden + j, lanes),                              \
                       c_before ? load_lanes(c_before + j, lanes) : (vf)(0.0f),            \
                       dc + b * hidden + j, lanes);                                        \
  }
        EACH_VECTOR(hidden, BACKWARD)
      }
    }
  }
}
