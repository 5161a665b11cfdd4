// Sampled losses: the gradient of x from those of the targets' scores, and that of shared negatives.
//
//   sampled_loss_input_gradient   dx_n += g_n e_target(n)  where the target is a class
//   sampled_loss_add_rows         de_rows[j] += gathered_j
//
// dx [N, D]; table, de [rows, D]; g [N]. The rows of sampled_loss_add_rows are distinct. segment_sum.cl has
// the other gradients of the table.
//
// One work-group per CHUNK_ROWS events in sampled_loss_input_gradient; in the other per row on a CPU, per 32
// channels of a row on a GPU.

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK_ROWS 64
#else
#define ITEMS 256
#define CHUNK_ROWS 16
#endif
#define CHANNELS 32

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void sampled_loss_input_gradient(__global const float *g, __global const table_float *table,
                                          __global const int *targets, __global float *dx, int n,
                                          int first, int classes, int d)
{
  const int begin = (int)get_group_id(0) * CHUNK_ROWS;
  const int rows = min(n - begin, CHUNK_ROWS);
  const int parts = (d + VECTOR_WIDTH - 1) / VECTOR_WIDTH;
  for (int index = (int)get_local_id(0); index < rows * parts; index += ITEMS) {
    const int event = begin + index / parts;
    const int c = index % parts * VECTOR_WIDTH;
    const int target = targets[event];
    const bool valid = target >= first && target < first + classes;
    __global const table_float *row = table + (size_t)(valid ? target : first) * d + c;
    __global float *out = dx + (size_t)event * d + c;
    const vf factor = (vf)(valid ? g[event] : 0.0f);
    store_lanes(out, fma(factor, load_table_lanes(row, d - c), load_lanes(out, d - c)), d - c);
  }
}

#ifdef TUNING_CPU

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
