// Operations of recurrent layers on whole rows of ragged batches: sequence b owns the rows
// offsets[b] ..< offsets[b + 1]. A work-group has ROW_ITEMS work-items.

#ifdef TUNING_CPU
#define ROW_ITEMS 1
#define SEQUENCES 16  // ranked by a work-group of recurrent_order
#else
#define ROW_ITEMS 64
#define SEQUENCES 64
#endif

static inline void copy_row(const __global float *from, __global float *to, int width, int item)
{
  for (int j = item * VECTOR_WIDTH; j < width; j += ROW_ITEMS * VECTOR_WIDTH) {
    const int lanes = width - j;
    store_lanes(to + j, from ? load_lanes(from + j, lanes) : (vf)(0.0f), lanes);
  }
}

// order [B] = the sequences by length, longest first, equal ones by index. Sets to 0 the numbers of
// blocks taken [2] in the forward pass and in the backward pass. Grid: (B / SEQUENCES).
__attribute__((reqd_work_group_size(ROW_ITEMS, 1, 1))) __kernel void recurrent_order(
    __global const int *offsets, __global int *order, __global int *taken, const int sequences)
{
  const int item = get_local_id(0);
  const int group = get_group_id(0);
  const int first = group * SEQUENCES;
  const int end = min(sequences, first + SEQUENCES);
  for (int b = first + item; b < end; b += ROW_ITEMS) {
    const int length = offsets[b + 1] - offsets[b];
    int rank = 0;
    for (int other = 0; other < sequences; ++other) {
      const int other_length = offsets[other + 1] - offsets[other];
      rank += other_length > length || (other_length == length && other < b);
    }
    order[rank] = b;
  }
  if (group == 0 && item == 0) taken[0] = 0, taken[1] = 0;
}

// out [B,W]: the last row of h [N,W] of each sequence; for an empty sequence its row of h0 [B,W],
// or zeros. Grid: (B).
__attribute__((reqd_work_group_size(ROW_ITEMS, 1, 1))) __kernel void recurrent_last(
    __global const float *h, __global const float *h0, const int has_initial,
    __global const int *offsets, __global float *out, const int width)
{
  const int item = get_local_id(0);
  const int b = get_group_id(0);
  const int first = offsets[b], end = offsets[b + 1];
  copy_row(end > first ? h + (size_t)(end - 1) * width : (has_initial ? h0 + (size_t)b * width : 0),
           out + (size_t)b * width, width, item);
}

// out [K,N] = weight [N,K] transposed, so that neighbouring work-items of a GPU read neighbouring
// floats.
// Grid: (N / ROW_ITEMS, K).
__attribute__((reqd_work_group_size(ROW_ITEMS, 1, 1))) __kernel void recurrent_transpose(
    __global const float *weight, __global float *out, const int n, const int k)
{
  const int column = (int)get_group_id(0) * ROW_ITEMS + (int)get_local_id(0);
  const int row = get_group_id(1);
  if (column < n) out[(size_t)row * n + column] = weight[(size_t)column * k + row];
}
