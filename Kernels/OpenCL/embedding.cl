// Embedding of events, and the deterministic gradient of an embedding table.
//
//   y[n, :] = f(n, :) (scale table[items[n], :] + positions[times[n], :])
//   dtable[rows[r], :] += scale sum of dy[order[k], :],   row_offsets[r] <= k < row_offsets[r + 1]
//
// table: [V, d]; positions: [T, d], read only if `has_positions`; items, times, sequences: [n]. f
// are the dropout factors, all 1 if `threshold` is 0; before the backward pass dropout_apply is run
// on dy. rows, row_offsets, order are the host's RowIndex of the items, or of the times: for each
// row that occurs, its events in ascending order. So a row has one owner and a fixed order of sums.
//
// Forward: a work-group computes CHUNK_ROWS events; on a GPU neighbouring work-items compute
// neighbouring groups of four channels. Backward: one work-group per row on a CPU, per 32 channels
// of a row on a GPU, with 8 events at a time. A popular row is not split: one work-group adds all
// its events.

#define PART (4 * VECTOR_WIDTH)  // channels per call of Philox

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK_ROWS 64
#else
#define ITEMS 256
#define CHUNK_ROWS 16
#endif

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void embedding_forward(__global const float *table, __global const float *positions,
                                int has_positions, __global const int *items,
                                __global const int *times, __global const int *sequences,
                                __global float *y, int n, int d, float scale, uint key0, uint key1,
                                uint epoch, uint threshold, float keep_scale)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int rows = min(n - first, CHUNK_ROWS);
  const int parts = (d + PART - 1) / PART;
  for (int index = (int)get_local_id(0); index < rows * parts; index += ITEMS) {
    const int row = first + index / parts;
    const int start = index % parts * PART;
    __global const float *item = table + (size_t)items[row] * d;
    __global const float *position = positions + (size_t)times[row] * d;
    vf factors[4] = {(vf)(1.0f), (vf)(1.0f), (vf)(1.0f), (vf)(1.0f)};
    if (threshold > 0)
      dropout_factors(factors, start, times[row], sequences[row], (uint2)(key0, key1), epoch,
                      threshold, keep_scale);
    for (int part = 0; part < 4; ++part) {
      const int c = start + part * VECTOR_WIDTH;
      __global float *out = y + (size_t)row * d + c;
      const int tail = d - c;
      if (tail >= VECTOR_WIDTH) {
        const vf place = has_positions ? loadv(position + c) : (vf)(0.0f);
        storev(out, fma(loadv(item + c), (vf)(scale), place) * factors[part]);
      } else if (tail > 0) {
        const vf place = has_positions ? loadv_part(position + c, tail) : (vf)(0.0f);
        const vf value = fma(loadv_part(item + c, tail), (vf)(scale), place);
        storev_part(out, value * factors[part], tail);
      }
    }
  }
}

#ifdef TUNING_CPU

#define PANEL 8  // vectors summed at once, in registers

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void embedding_backward(__global const float *dy, __global const int *rows,
                                 __global const int *row_offsets, __global const int *order,
                                 __global float *dtable, int d, float scale)
{
  const int segment = (int)get_group_id(0);
  const int first = row_offsets[segment];
  const int last = row_offsets[segment + 1];
  __global float *out = dtable + (size_t)rows[segment] * d;
  int c = 0;
  for (; c + PANEL * VECTOR_WIDTH <= d; c += PANEL * VECTOR_WIDTH) {
    vf sums[PANEL];
    for (int v = 0; v < PANEL; ++v) sums[v] = (vf)(0.0f);
    for (int k = first; k < last; ++k) {
      __global const float *in = dy + (size_t)order[k] * d + c;
#pragma unroll
      for (int v = 0; v < PANEL; ++v) sums[v] += loadv(in + v * VECTOR_WIDTH);
    }
#pragma unroll
    for (int v = 0; v < PANEL; ++v) {
      __global float *to = out + c + v * VECTOR_WIDTH;
      storev(to, fma(sums[v], (vf)(scale), loadv(to)));
    }
  }
  for (; c + VECTOR_WIDTH <= d; c += VECTOR_WIDTH) {
    vf sum = (vf)(0.0f);
    for (int k = first; k < last; ++k) sum += loadv(dy + (size_t)order[k] * d + c);
    storev(out + c, fma(sum, (vf)(scale), loadv(out + c)));
  }
  for (; c < d; ++c) {
    float sum = 0.0f;
    for (int k = first; k < last; ++k) sum += dy[(size_t)order[k] * d + c];
    out[c] = fma(sum, scale, out[c]);
  }
}

#else  // TUNING_GPU

#define CHANNELS 32
#define EVENTS 8

__attribute__((reqd_work_group_size(CHANNELS, EVENTS, 1)))
__kernel void embedding_backward(__global const float *dy, __global const int *rows,
                                 __global const int *row_offsets, __global const int *order,
                                 __global float *dtable, int d, float scale)
{
  __local float scratch[CHANNELS * EVENTS];
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int segment = (int)get_group_id(0);
  const int c = (int)get_group_id(1) * CHANNELS + lane;
  const int first = row_offsets[segment];
  const int last = c < d ? row_offsets[segment + 1] : first;
  float sum = 0.0f;
  for (int k = first + team; k < last; k += EVENTS) sum += dy[(size_t)order[k] * d + c];
  // A channel is summed over the 8 work-items of its lane.
  sum = group_sum(sum, scratch, lane * EVENTS, team, EVENTS);
  if (c < d && team == 0) {
    const size_t at = (size_t)rows[segment] * d + c;
    dtable[at] = fma(sum, scale, dtable[at]);
  }
}

#endif

// The sources of one program follow each other.
#undef ITEMS
#undef CHUNK_ROWS
