// Sums of rows by an index: the gradients of embeddings, gathered rows and sampled losses.
//
//   out[rows[s], :] += scale sum of w(order[k]) f(n, :) x[n, :],   n = order[k] / per_entry,
//   over row_offsets[s] <= k < row_offsets[s + 1]
//
// x [n, d]; w the weights of the entries, 1 if not `has_weights`; f the dropout factors of random.cl, 1 if
// `threshold` is 0. rows, row_offsets, order are the host's RowIndex, the entries of a row in ascending
// order: so a row has one owner and a fixed order of sums. A row of many entries is cut into pieces of a fixed
// size, whose rows[s] is -1 - the number of the piece: their sums go to pieces [., d], and
// segment_sum_pieces adds those of each row long_rows[h] in order.
//
// One work-group per segment on a CPU, per 32 channels of one on a GPU, with 32 entries at a time.

#define PART (4 * VECTOR_WIDTH)  // channels per call of Philox

// Factors of PART channels of an entry, from `start` on.
ALWAYS_INLINE void entry_factors(vf factors[4], float weight, int start, int event,
                                 __global const int *times, __global const int *sequences,
                                 uint2 key, uint epoch, uint threshold, float keep_scale)
{
  for (int part = 0; part < 4; ++part) factors[part] = (vf)(1.0f);
  if (threshold > 0)
    dropout_factors(factors, start, times[event], sequences[event], key, epoch, threshold,
                    keep_scale);
  for (int part = 0; part < 4; ++part) factors[part] *= weight;
}

#ifdef TUNING_CPU
#define LANES 1
#define ENTRIES 1
#else
#define LANES 8  // of PART channels
#define ENTRIES 32
#endif

__attribute__((reqd_work_group_size(LANES, ENTRIES, 1)))
__kernel void segment_sum(__global const float *x, __global const float *weights, int has_weights,
                          int per_entry, __global const int *times, __global const int *sequences,
                          uint key0, uint key1, uint epoch, uint threshold, float keep_scale,
                          __global const int *rows, __global const int *row_offsets,
                          __global const int *order, __global float *out, __global float *pieces,
                          int d, float scale)
{
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int segment = (int)get_group_id(0);
  const int first = row_offsets[segment];
  const int end = row_offsets[segment + 1];
  const int row = rows[segment];
#ifdef TUNING_CPU
  for (int start = 0; start < d; start += PART)
#else
  __local float scratch[LANES * ENTRIES];
  const int start = ((int)get_group_id(1) * LANES + lane) * PART;
#endif
  {
    const int last = start < d ? end : first;
    vf sums[4] = {(vf)(0.0f), (vf)(0.0f), (vf)(0.0f), (vf)(0.0f)};
    for (int k = first + team; k < last; k += ENTRIES) {
      const int entry = order[k];
      const int event = entry / per_entry;
      __global const float *in = x + (size_t)event * d + start;
      vf factors[4];
      entry_factors(factors, has_weights ? weights[entry] : 1.0f, start, event, times, sequences,
                    (uint2)(key0, key1), epoch, threshold, keep_scale);
      EACH_BELOW(v, 4)
        sums[v] = fma(factors[v], load_lanes(in + v * VECTOR_WIDTH, d - start - v * VECTOR_WIDTH),
                      sums[v]);
    }
    EACH_BELOW(v, 4) {
      const int c = start + v * VECTOR_WIDTH;
#ifdef TUNING_GPU
      // A channel is summed over the items of its lane.
      sums[v] = group_sum(sums[v], scratch, lane * ENTRIES, team, ENTRIES);
#endif
      if (team == 0 && c < d) {
        if (row < 0) {
          store_lanes(pieces + (size_t)(-1 - row) * d + c, sums[v], d - c);
        } else {
          __global float *to = out + (size_t)row * d + c;
          store_lanes(to, fma(sums[v], (vf)(scale), load_lanes(to, d - c)), d - c);
        }
      }
    }
  }
}

// One work-item per vector of a row. Grid: (vectors of d, rows in pieces).
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void segment_sum_pieces(__global const float *pieces, __global const int *long_rows,
                                 __global const int *piece_offsets, __global float *out, int d,
                                 float scale)
{
  const int c = (int)get_group_id(0) * VECTOR_WIDTH;
  const int h = (int)get_group_id(1);
  vf sum = (vf)(0.0f);
  for (int piece = piece_offsets[h]; piece < piece_offsets[h + 1]; ++piece)
    sum += load_lanes(pieces + (size_t)piece * d + c, d - c);
  __global float *to = out + (size_t)long_rows[h] * d + c;
  store_lanes(to, fma(sum, (vf)(scale), load_lanes(to, d - c)), d - c);
}

// The sources of one program follow each other.
#undef PART
