// Gradients of target attention (target_attention_gpu.cl has the formula), GPU tuning. Compiled
// after target_attention_tiles_gpu.cl.
//
//   with x = q[n] k[m], h = sigmoid(..), g = dout[n] . k[m], u = g output h (1 - h), z = P^T u:
//   dq[n] += z k[m]   dk[m] += s(n, m) dout[n] + z q[n]   dquery_part[n] += u   dkey_part[m] += u
//   dP += u x^T       doutput += g h
//
// Scores are computed again. product: P, [HIDDEN, WIDTH]; other arrays are those of the forward
// pass, and gradients have the layout of their inputs. A base is read only if its bit of has_bases
// is set (1 q, 2 k, 4 query_part, 8 key_part), and may be its gradient itself. partial: [blocks,
// HIDDEN (WIDTH + 1)], the gradients of P^T and of output, which target_attention_reduce sums over
// blocks.
//
// One work-group per block of sequences, one candidate after another: so the gradients of an event
// have one owner and a fixed order.

// rows [first, last) of `count` floats start at their base, or 0.
static inline void start_rows(__global float *rows, __global const float *base, int has_base,
                              int first, int last, int count, int item)
{
  const size_t begin = (size_t)first * count, end = (size_t)last * count;
  for (size_t i = begin + item; i < end; i += ITEMS) rows[i] = has_base ? base[i] : 0.0f;
}

__attribute__((reqd_work_group_size(LANES, TEAMS, 1)))
__kernel void target_attention_backward(
    __global const float *dout, __global const float *q, __global const float *k,
    __global const float *query_part, __global const float *key_part, __global const float *packed,
    __global const float *product, __global const float *output, __global const int *offsets,
    __global const float *q_base, __global const float *k_base, __global const float *query_base,
    __global const float *key_base, int has_bases, __global float *dq, __global float *dk,
    __global float *dquery_part, __global float *dkey_part, __global float *partial, int sequences,
    int blocks, int window)
{
  __local float x[TILE * DEPTH], scratch[ITEMS], u[TILE * HIDDEN];
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int block = (int)get_group_id(0);
  const int item = team * LANES + lane;
  const int first_sequence = (int)((long)sequences * block / blocks);
  const int last_sequence = (int)((long)sequences * (block + 1) / blocks);
  const int begin = offsets[first_sequence];
  const int end = offsets[last_sequence];
  __global float *dproduct = partial + (size_t)block * HIDDEN * (WIDTH + 1);
  __global float *doutput = dproduct + HIDDEN * WIDTH;
  for (int i = item; i < HIDDEN * (WIDTH + 1); i += ITEMS) dproduct[i] = 0.0f;
  start_rows(dq, q_base, has_bases & 1, begin, end, WIDTH, item);
  start_rows(dk, k_base, has_bases & 2, begin, end, WIDTH, item);
  start_rows(dquery_part, query_base, has_bases & 4, begin, end, HIDDEN, item);
  start_rows(dkey_part, key_base, has_bases & 8, begin, end, HIDDEN, item);
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  for (int sequence = first_sequence; sequence < last_sequence; ++sequence) {
    const int start = offsets[sequence];
    const int stop = offsets[sequence + 1];
    for (int n = start; n < stop; ++n) {
      const size_t at = (size_t)n * WIDTH;
      for (int m = max(start, n - window); m < n; m += TILE) {
        const int count = min(TILE, n - m);
        const int mine = m + team * PAIRS;  // the team's first event
        const int own = min(PAIRS, count - team * PAIRS);
        float sums[PAIRS], s[PAIRS], g[PAIRS];
        EACH_BELOW(i, PAIRS) {
          float dot_part = 0.0f;
          for (int c = lane; i < own && c < WIDTH; c += LANES)
            dot_part = fma(dout[at + c], k[(size_t)(mine + i) * WIDTH + c], dot_part);
          g[i] = group_sum(dot_part, scratch, team * LANES, lane, LANES);
          s[i] = 0.0f;
        }
        for (int first = 0; first < HIDDEN; first += LANES) {
          const int e = first + lane;
          const int units = e < HIDDEN ? own : 0;
          unit_sums(sums, q + at, k + (size_t)m * WIDTH, count, packed, e, item, x);
          float query_sum = 0.0f, output_sum = 0.0f;
          EACH_BELOW(i, PAIRS) if (i < units) {
            const size_t key = (size_t)(mine + i) * HIDDEN + e;
            const float h = sigmoidf(sums[i] + query_part[(size_t)n * HIDDEN + e] + key_part[key]);
            const float value = g[i] * output[e] * (h - h * h);
            s[i] = fma(output[e], h, s[i]);
            dkey_part[key] += value;
            query_sum += value;
            output_sum = fma(g[i], h, output_sum);
            u[(team * PAIRS + i) * HIDDEN + e] = value;
          }
          // A unit is summed over the teams: here the items of one lane form a group.
          query_sum = group_sum(query_sum, scratch, lane * TEAMS, team, TEAMS);
          output_sum = group_sum(output_sum, scratch, lane * TEAMS, team, TEAMS);
          if (team == 0 && e < HIDDEN) {
            dquery_part[(size_t)n * HIDDEN + e] += query_sum;
            doutput[e] += output_sum;
          }
        }
        EACH_BELOW(i, PAIRS)
          s[i] = group_sum(s[i], scratch, team * LANES, lane, LANES);
        for (int first = 0; first < WIDTH; first += LANES) {
          const int c = first + lane;
          float q_sum = 0.0f;
          EACH_BELOW(i, PAIRS) if (i < own && c < WIDTH) {
            const size_t key = (size_t)(mine + i) * WIDTH + c;
            float z = 0.0f;
#pragma unroll 4
            for (int e = 0; e < HIDDEN; ++e)
              z = fma(product[e * WIDTH + c], u[(team * PAIRS + i) * HIDDEN + e], z);
            dk[key] += fma(s[i], dout[at + c], z * q[at + c]);
            q_sum = fma(z, k[key], q_sum);
          }
          q_sum = group_sum(q_sum, scratch, lane * TEAMS, team, TEAMS);
          if (team == 0 && c < WIDTH) dq[at + c] += q_sum;
        }
        for (int index = item; index < HIDDEN * WIDTH; index += ITEMS) {
          const int e = index % HIDDEN;
          const int c = index / HIDDEN;
          float sum = 0.0f;
          for (int i = 0; i < count; ++i)
            sum = fma(u[i * HIDDEN + e], k[(size_t)(m + i) * WIDTH + c], sum);
          dproduct[index] = fma(sum, q[at + c], dproduct[index]);
        }
        // Another team may have a key's events for the next candidate.
        barrier(CLK_GLOBAL_MEM_FENCE);
      }
    }
  }
}
