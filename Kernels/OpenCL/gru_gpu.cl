// Gated recurrent units over ragged sequences on a GPU. gru_cell.cl has the formula, gru_cpu.cl the
// arrays, recurrent_gpu.cl the division of work. Weights are [k][columns]: W_hh^T in the forward
// pass, W_hh in the backward pass. Grid: (blocks, parts of the units).

__attribute__((reqd_work_group_size(UNITS, 1, 1))) __kernel void gru_forward(
    __global float *gates, __global const float *weight, __global const float *bias,
    __global const float *h0, const int has_initial, __global float *inner, __global float *h,
    __global const int *offsets, __global const int *order, const int sequences,
    const int hidden, const int first_time, const int end_time)
{
  __local block_memory memory;
  const int item = get_local_id(0);
  const int block = get_group_id(0);
  const int part = get_group_id(1);
  const int parts = get_num_groups(1);
  load_rows(&memory, block, item, offsets, order, sequences);
  const int end = min(end_time, memory.length[0]);
  for (int time = first_time; time < end; ++time) {
    select_rows(&memory, item, time, time - 1);
    const int has_before = time > 0 || has_initial;
    const __global float *before = time > 0 ? h : h0;
    for (int start = part * UNITS; start < hidden; start += parts * UNITS) {
      const int u = start + item;
      float4 sums[3 * BLOCK_VECTORS];
      multiply_rows(sums, 3, &memory, before, has_before ? hidden : 0, weight, bias, hidden, u,
                    item);
      EACH_BELOW(r, BLOCK_ROWS)
        if (u < hidden && memory.length[r] > time) {
          const size_t n = memory.first[r] + time;
          const float h_before =
              has_before ? before[(size_t)memory.row[r] * hidden + u] : 0.0f;
          vf state[3];
          EACH_BELOW(g, 3) state[g] = SUM_OF(sums, g, r);
          gru_cell_forward(gates + n * 3 * hidden + u, hidden, state, h_before,
                           inner + n * hidden + u, h + n * hidden + u, 1);
        }
    }
    STEP_BARRIER;
  }
}

__attribute__((reqd_work_group_size(UNITS, 1, 1))) __kernel void gru_backward(
    __global float *gates, __global const float *weight, __global const float *h0,
    const int has_initial, __global const float *inner, __global const float *h,
    __global const float *dy, __global float *dsums, __global float *dh,
    __global const int *offsets, __global const int *order, const int sequences,
    const int hidden, const int first_time, const int end_time)
{
  __local block_memory memory;
  const int item = get_local_id(0);
  const int block = get_group_id(0);
  const int part = get_group_id(1);
  const int parts = get_num_groups(1);
  load_rows(&memory, block, item, offsets, order, sequences);
  for (int time = min(end_time, memory.length[0]) - 1; time >= first_time; --time) {
    select_rows(&memory, item, time + 1, time + 1);
    for (int start = part * UNITS; start < hidden; start += parts * UNITS) {
      const int u = start + item;
      float4 sums[BLOCK_VECTORS];
      multiply_rows(sums, 1, &memory, dsums, 3 * hidden, weight, 0, hidden, u, item);
      EACH_BELOW(r, BLOCK_ROWS)
        if (u < hidden && memory.length[r] > time) {
          const size_t n = memory.first[r] + time;
          const size_t b = memory.sequence[r];
          const float from_later = dh[b * hidden + u] + SUM_OF(sums, 0, r);
          if (time < 0) dh[b * hidden + u] = from_later;
          else {
            const float h_before = time > 0 ? h[(n - 1) * hidden + u]
                                            : (has_initial ? h0[b * hidden + u] : 0.0f);
            gru_cell_backward(gates + n * 3 * hidden + u, hidden, dy[n * hidden + u] + from_later,
                              inner[n * hidden + u], h_before, dsums + n * 3 * hidden + u,
                              dh + b * hidden + u, 1);
          }
        }
    }
    STEP_BARRIER;
  }
}
