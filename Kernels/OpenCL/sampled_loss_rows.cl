// Sampled losses: the gradients of x and of the table from the gradients of single scores.
//
//   sampled_loss_input_gradient   dx_n += g_n e_target(n)  where the target is a class
//   sampled_loss_table_gradient   de_rows[r] += sum_k g_i x_(i / per_event), i = order[k],
//                                 over row_offsets[r] <= k < row_offsets[r + 1]
//   sampled_loss_add_rows         de_rows[j] += gathered_j
//
// x, dx [N, D]; table, de [rows, D]; g [N * per_event]. rows, row_offsets, order are the host's
// RowIndex of the targets (per_event 1) or of the events' own negatives (per_event k), so that a
// row has one owner and a fixed order of sums. The rows of sampled_loss_add_rows are distinct.
//
// One work-group per CHUNK_ROWS events in sampled_loss_input_gradient; in the others per row on a
// CPU, per 32 channels of a row on a GPU, sampled_loss_table_gradient with 8 entries at a time.

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK_ROWS 64
#else
#define ITEMS 256
#define CHUNK_ROWS 16
#endif
#define CHANNELS 32
#define ENTRIES 8

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void sampled_loss_input_gradient(__global const float *g, __global const float *table,
                                          __global const int *targets, __global float *dx, int n,
                                          int first, int classes, int d)
{
  const int begin = (int)get_group_id(0) * CHUNK_ROWS;
  const int rows = min(n - begin, CHUNK_ROWS);
  const int parts = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  for (int index = (int)get_local_id(0); index < rows * parts; index += ITEMS) {
    const int event = begin + index / parts;
    const int c = index % parts * VECTOR_WIDTH;
    const int tail = d - c;
    const int target = targets[event];
    const bool valid = target >= first && target < first + classes;
    __global const float *row = table + (size_t)(valid ? target : first) * d + c;
    __global float *out = dx + (size_t)event * d + c;
    const vf factor = (vf)(valid ? g[event] : 0.0f);
    if (tail >= VECTOR_WIDTH) storev(out, fma(factor, loadv(row), loadv(out)));
    else storev_part(out, fma(factor, loadv_part(row, tail), loadv_part(out, tail)), tail);
  }
}

#ifdef TUNING_CPU

#define TOGETHER 4  // vectors summed at once, in registers

// The `vectors` vectors of a row's sum from channel c on.
ALWAYS_INLINE void add_segment(__global const float *g, __global const float *x,
                               __global const int *order, int first, int last, int per_event,
                               __global float *out, int c, int d, const int vectors)
{
  vf sums[TOGETHER];
  EACH_BELOW(v, vectors) sums[v] = (vf)(0.0f);
  for (int k = first; k < last; ++k) {
    __global const float *in = x + (size_t)(order[k] / per_event) * d + c;
    const vf factor = (vf)(g[order[k]]);
    EACH_BELOW(v, vectors)
      sums[v] = fma(factor, load_lanes(in + v * VECTOR_WIDTH, d - c - v * VECTOR_WIDTH), sums[v]);
  }
  EACH_BELOW(v, vectors)
  {
    __global float *to = out + c + v * VECTOR_WIDTH;
    const int tail = d - c - v * VECTOR_WIDTH;
    const vf sum = load_lanes(to, tail) + sums[v];
    if (tail >= VECTOR_WIDTH) storev(to, sum);
    else storev_part(to, sum, tail);
  }
}

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void sampled_loss_table_gradient(__global const float *g, __global const float *x,
                                          __global const int *rows,
                                          __global const int *row_offsets,
                                          __global const int *order, __global float *dtable,
                                          int per_event, int d)
{
  const int segment = (int)get_group_id(0);
  const int first = row_offsets[segment];
  const int last = row_offsets[segment + 1];
  __global float *out = dtable + (size_t)rows[segment] * d;
  int c = 0;
  for (; c + TOGETHER * VECTOR_WIDTH <= d; c += TOGETHER * VECTOR_WIDTH)
    add_segment(g, x, order, first, last, per_event, out, c, d, TOGETHER);
  for (; c < d; c += VECTOR_WIDTH)
    add_segment(g, x, order, first, last, per_event, out, c, d, 1);
}

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void sampled_loss_add_rows(__global const float *gathered, __global const int *rows,
                                    __global float *dtable, int d)
{
  const int j = (int)get_group_id(0);
  __global const float *in = gathered + (size_t)j * d;
  __global float *out = dtable + (size_t)rows[j] * d;
  for (int c = 0; c < d; ++c) out[c] += in[c];
}

#else  // TUNING_GPU

__attribute__((reqd_work_group_size(CHANNELS, ENTRIES, 1)))
__kernel void sampled_loss_table_gradient(__global const float *g, __global const float *x,
                                          __global const int *rows,
                                          __global const int *row_offsets,
                                          __global const int *order, __global float *dtable,
                                          int per_event, int d)
{
  __local float scratch[CHANNELS * ENTRIES];
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int segment = (int)get_group_id(0);
  const int c = (int)get_group_id(1) * CHANNELS + lane;
  const int first = row_offsets[segment];
  const int last = c < d ? row_offsets[segment + 1] : first;
  float sum = 0.0f;
  for (int k = first + team; k < last; k += ENTRIES)
    sum = fma(g[order[k]], x[(size_t)(order[k] / per_event) * d + c], sum);
  // A channel is summed over the work-items of its lane.
  sum = group_sum(sum, scratch, lane * ENTRIES, team, ENTRIES);
  if (c < d && team == 0) dtable[(size_t)rows[segment] * d + c] += sum;
}

__attribute__((reqd_work_group_size(CHANNELS, 1, 1)))
__kernel void sampled_loss_add_rows(__global const float *gathered, __global const int *rows,
                                    __global float *dtable, int d)
{
  const int lane = (int)get_local_id(0);
  const int j = (int)get_group_id(0);
  const int c = (int)get_group_id(1) * CHANNELS + lane;
  if (c < d) dtable[(size_t)rows[j] * d + c] += gathered[(size_t)j * d + c];
}

#endif
