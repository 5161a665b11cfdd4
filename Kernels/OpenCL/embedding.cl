// Embedding of events, and the deterministic gradient of an embedding table.
//
//   y[n, :] = f(n, :) (scale table[items[n], :] + positions[times[n], :])
//   dtable[rows[r], :] += scale sum of f(n, :) dy[n, :], n = order[k],   row_offsets[r] <= k < row_offsets[r + 1]
//
// table: [V, d]; positions: [T, d], read only if `has_positions`; items, times, sequences: [n]. f
// are the dropout factors of random.cl, all 1 if `threshold` is 0. rows, row_offsets, order are the host's RowIndex of the items, or of the times: for each
// row that occurs, its events in ascending order. So a row has one owner and a fixed order of sums.
//
// Forward: a work-group computes CHUNK_ROWS events; on a GPU neighbouring work-items compute
// neighbouring groups of four channels. Backward: one work-group per row on a CPU, per 32 channels
// of a row on a GPU, with 32 events at a time. A popular row is not split: one work-group adds all
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
                                uint key0, uint key1, uint epoch, uint threshold, float keep_scale,
                                __global float *y, int n, int d, float scale)
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
      const vf place = has_positions ? load_lanes(position + c, d - c) : (vf)(0.0f);
      const vf value = fma(load_lanes(item + c, d - c), (vf)(scale), place);
      store_lanes(y + (size_t)row * d + c, value * factors[part], d - c);
    }
  }
}

// Dropout of the event that order names, PART channels from `start` on.
ALWAYS_INLINE void event_factors(vf factors[4], int start, int event, __global const int *times,
                                 __global const int *sequences, uint2 key, uint epoch,
                                 uint threshold, float keep_scale)
{
  for (int part = 0; part < 4; ++part) factors[part] = (vf)(1.0f);
  if (threshold > 0)
    dropout_factors(factors, start, times[event], sequences[event], key, epoch, threshold,
                    keep_scale);
}

#ifdef TUNING_CPU

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void embedding_backward(__global const float *dy, __global const int *times,
                                 __global const int *sequences, uint key0, uint key1, uint epoch,
                                 uint threshold, float keep_scale, __global const int *rows,
                                 __global const int *row_offsets, __global const int *order,
                                 __global float *dtable, int d, float scale)
{
  const int segment = (int)get_group_id(0);
  const int first = row_offsets[segment];
  const int last = row_offsets[segment + 1];
  for (int start = 0; start < d; start += PART) {
    vf sums[4] = {(vf)(0.0f), (vf)(0.0f), (vf)(0.0f), (vf)(0.0f)};
    for (int k = first; k < last; ++k) {
      __global const float *in = dy + (size_t)order[k] * d + start;
      vf factors[4];
      event_factors(factors, start, order[k], times, sequences, (uint2)(key0, key1), epoch,
                    threshold, keep_scale);
#pragma unroll
      for (int v = 0; v < 4; ++v)
        sums[v] = fma(load_lanes(in + v * VECTOR_WIDTH, d - start - v * VECTOR_WIDTH), factors[v],
                      sums[v]);
    }
    for (int v = 0; v < 4; ++v) {
      const int tail = d - start - v * VECTOR_WIDTH;
      __global float *to = dtable + (size_t)rows[segment] * d + start + v * VECTOR_WIDTH;
      store_lanes(to, fma(sums[v], (vf)(scale), load_lanes(to, tail)), tail);
    }
  }
}

#else  // TUNING_GPU

#define LANES 8    // of PART channels
#define EVENTS 32  // at a time

// An item adds every EVENTS-th event of the row.
__attribute__((reqd_work_group_size(LANES, EVENTS, 1)))
__kernel void embedding_backward(__global const float *dy, __global const int *times,
                                 __global const int *sequences, uint key0, uint key1, uint epoch,
                                 uint threshold, float keep_scale, __global const int *rows,
                                 __global const int *row_offsets, __global const int *order,
                                 __global float *dtable, int d, float scale)
{
  __local float scratch[LANES * EVENTS];
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int segment = (int)get_group_id(0);
  const int c = ((int)get_group_id(1) * LANES + lane) * PART;
  const int first = row_offsets[segment];
  const int last = c < d ? row_offsets[segment + 1] : first;
  float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
  for (int k = first + team; k < last; k += EVENTS) {
    __global const float *in = dy + (size_t)order[k] * d + c;
    float factors[4];
    event_factors(factors, c, order[k], times, sequences, (uint2)(key0, key1), epoch, threshold,
                  keep_scale);
    EACH_BELOW(part, 4) sums[part] = fma(load_lanes(in + part, d - c - part), factors[part], sums[part]);
  }
  EACH_BELOW(part, 4) {
    // A channel is summed over the items of its lane.
    const float sum = group_sum(sums[part], scratch, lane * EVENTS, team, EVENTS);
    if (c + part < d && team == 0) {
      const size_t at = (size_t)rows[segment] * d + c + part;
      dtable[at] = fma(sum, scale, dtable[at]);
    }
  }
}

#endif

// The sources of one program follow each other.
#undef ITEMS
#undef CHUNK_ROWS
#undef PART
