// Long short-term memory over ragged sequences on a GPU. lstm_cell.cl has the formula, lstm_cpu.cl
// the arrays, recurrent_gpu.cl the division of work. Weights are [k][columns]: W_hh^T and W_hr^T
// in the forward pass, W_hh and W_hr in the backward pass. Grid: (blocks, parts of the units).

__attribute__((reqd_work_group_size(UNITS, 1, 1))) __kernel void lstm_forward(
    __global float *gates, __global const float *weight, __global const float *bias,
    __global const float *projection, const int has_projection, __global const float *h0,
    __global const float *c0, const int has_initial, __global float *c, __global float *m,
    __global float *h, __global const int *offsets, __global const int *order,
    const int sequences, const int hidden, const int outputs, const int first_time,
    const int end_time)
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
    for (int start = part * UNITS; start < hidden; start += parts * UNITS) {
      const int u = start + item;
      float4 sums[4 * BLOCK_VECTORS];
      multiply_rows(sums, 4, &memory, time > 0 ? h : h0, has_before ? outputs : 0, weight, bias,
                    hidden, u, item);
      EACH_BELOW(r, BLOCK_ROWS)
        if (u < hidden && memory.length[r] > time) {
          const size_t n = memory.first[r] + time;
          const float c_before =
              time > 0 ? c[(n - 1) * hidden + u]
                       : (has_initial ? c0[(size_t)memory.sequence[r] * hidden + u] : 0.0f);
          vf state[4];
          EACH_BELOW(g, 4) state[g] = SUM_OF(sums, g, r);
          lstm_cell_forward(gates + n * 4 * hidden + u, hidden, state, c_before,
                            c + n * hidden + u, m + n * hidden + u, 1);
        }
    }
    STEP_BARRIER;
    if (has_projection) {
      select_rows(&memory, item, time, time);
      for (int start = 0; start < outputs; start += UNITS) {
        const int u = start + item;
        float4 sums[BLOCK_VECTORS];
        multiply_rows(sums, 1, &memory, m, hidden, projection, 0, outputs, u, item);
        EACH_BELOW(r, BLOCK_ROWS)
          if (u < outputs && memory.length[r] > time)
            h[(size_t)(memory.first[r] + time) * outputs + u] = SUM_OF(sums, 0, r);
      }
      STEP_BARRIER;
    }
  }
}

// Without a projection a work-group needs only its own part of the units; with a projection one
// work-group computes all units. Here dhs [N,P] is the complete gradient of h in either case.
__attribute__((reqd_work_group_size(UNITS, 1, 1))) __kernel void lstm_backward(
    __global float *gates, __global const float *weight, __global const float *projection,
    const int has_projection, __global const float *c0, const int has_initial,
    __global const float *c, __global const float *dy, __global float *dh, __global float *dc,
    __global float *dhs, __global const int *offsets, __global const int *order,
    const int sequences, const int hidden, const int outputs, const int first_time,
    const int end_time)
{
  __local block_memory memory;
  const int item = get_local_id(0);
  const int block = get_group_id(0);
  const int part = get_group_id(1);
  const int parts = get_num_groups(1);
  load_rows(&memory, block, item, offsets, order, sequences);
  for (int time = min(end_time, memory.length[0]) - 1; time >= first_time; --time) {
    select_rows(&memory, item, time + 1, time + 1);
    for (int start = part * UNITS; start < outputs; start += parts * UNITS) {
      const int u = start + item;
      float4 sums[BLOCK_VECTORS];
      multiply_rows(sums, 1, &memory, gates, 4 * hidden, weight, 0, outputs, u, item);
      EACH_BELOW(r, BLOCK_ROWS)
        if (u < outputs && memory.length[r] > time) {
          const size_t n = memory.first[r] + time;
          __global float *later_dh = dh + (size_t)memory.sequence[r] * outputs + u;
          const float sum = memory.length[r] > time + 1 ? SUM_OF(sums, 0, r) : *later_dh;
          *later_dh = sum;
          if (time >= 0) dhs[n * outputs + u] = dy[n * outputs + u] + sum;
        }
    }
    STEP_BARRIER;
    select_rows(&memory, item, max(time, 0), time);
    for (int start = part * UNITS; start < hidden; start += parts * UNITS) {
      const int u = start + item;
      float4 sums[BLOCK_VECTORS];
      multiply_rows(sums, 1, &memory, dhs, has_projection && time >= 0 ? outputs : 0, projection,
                    0, hidden, u, item);
      EACH_BELOW(r, BLOCK_ROWS)
        if (time >= 0 && u < hidden && memory.length[r] > time) {
          const size_t n = memory.first[r] + time;
          const size_t b = memory.sequence[r];
          const float c_before = time > 0 ? c[(n - 1) * hidden + u]
                                          : (has_initial ? c0[b * hidden + u] : 0.0f);
          lstm_cell_backward(gates + n * 4 * hidden + u, hidden,
                             has_projection ? SUM_OF(sums, 0, r) : dhs[n * hidden + u],
                             c[n * hidden + u], c_before, dc + b * hidden + u, 1);
        }
    }
    STEP_BARRIER;
  }
}
