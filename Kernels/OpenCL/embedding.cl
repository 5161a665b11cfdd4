// Embedding of events.
//
//   y[n, :] = f(n, :) (scale table[items[n], :] + positions[times[n], :])
//
// table: [V, d]; positions: [T, d], read only if `has_positions`; items, times, sequences: [n]. f are the
// dropout factors of random.cl, all 1 if `threshold` is 0. segment_sum.cl has the gradients of the tables.
//
// A work-group computes CHUNK_ROWS events; on a GPU neighbouring work-items compute neighbouring groups of four
// channels.

#define PART (4 * VECTOR_WIDTH)  // channels per call of Philox

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK_ROWS 64
#else
#define ITEMS 256
#define CHUNK_ROWS 16
#endif

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void embedding_forward(__global const table_float *table, __global const float *positions,
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
    __global const table_float *item = table + (size_t)items[row] * d;
    __global const float *position = positions + (size_t)times[row] * d;
    vf factors[4] = {(vf)(1.0f), (vf)(1.0f), (vf)(1.0f), (vf)(1.0f)};
    if (threshold > 0)
      dropout_factors(factors, start, times[row], sequences[row], (uint2)(key0, key1), epoch,
                      threshold, keep_scale);
    for (int part = 0; part < 4; ++part) {
      const int c = start + part * VECTOR_WIDTH;
      const vf place = has_positions ? load_lanes(position + c, d - c) : (vf)(0.0f);
      const vf value = fma(load_table_lanes(item + c, d - c), (vf)(scale), place);
      store_lanes(y + (size_t)row * d + c, value * factors[part], d - c);
    }
  }
}

// The sources of one program follow each other.
#undef ITEMS
#undef CHUNK_ROWS
#undef PART
