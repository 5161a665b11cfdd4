// What the recurrences on a GPU share: which sequences a work-group owns, and the product of their
// rows with a weight. Comes behind matmul_common.cl, before lstm_gpu.cl and gru_gpu.cl.
//
// Work-item u of a group computes unit u of BLOCK_ROWS sequences of about one length, so that each
// element of a weight that it loads serves them all. Work-groups (block, part) of one block share
// the units in a launch of a single step; over several steps, where the state must be whole after
// each, one group has all units, UNITS at a time. Sums over k run in its order: other sequences
// change nothing.

#ifndef UNITS
#define UNITS 128     // work-items of a group; the host gives less where a launch is a single step
#endif
#define BLOCK_ROWS 8  // sums a gate and item, for as many values of the state in local memory
#define CHUNK 64      // steps of k in local memory at a time

typedef struct {
  int sequence[BLOCK_ROWS];
  int first[BLOCK_ROWS];   // row of the sequence's first event
  int length[BLOCK_ROWS];  // descending; -1 behind the last sequence
  int row[BLOCK_ROWS];     // of the array that is multiplied; -1 for zeros
  float chunk[CHUNK * BLOCK_ROWS];
} block_memory;

static inline void load_rows(__local block_memory *memory, int block, int item,
                             const __global int *offsets, const __global int *order,
                             int sequences)
{
  if (item < BLOCK_ROWS) {
    const int rank = block * BLOCK_ROWS + item;
    const int b = order[min(rank, sequences - 1)];
    memory->sequence[item] = b;
    memory->first[item] = offsets[b];
    memory->length[item] = rank < sequences ? offsets[b + 1] - offsets[b] : -1;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
}

// Says for each sequence longer than `time` which row is multiplied: that of its event `at`, or of
// the sequence itself where `at` is negative.
static inline void select_rows(__local block_memory *memory, int item, int time, int at)
{
  if (item < BLOCK_ROWS)
    memory->row[item] = memory->length[item] <= time ? -1
                        : at < 0                     ? memory->sequence[item]
                                                     : memory->first[item] + at;
  barrier(CLK_LOCAL_MEM_FENCE);
}

// sums[gate][row] = start + rows [k] times column gate * width + u of weight [k][gates * width],
// for all items of the group and u below width; start is the bias or 0. Row r of `rows` is
// memory->row[r].
ALWAYS_INLINE void multiply_rows(float *sums, const int gates, __local block_memory *memory,
                                 const __global float *rows, const int k,
                                 const __global float *weight, const __global float *bias,
                                 const int width, const int u, const int item)
{
  EACH_BELOW(g, gates)
    EACH_BELOW(r, BLOCK_ROWS)
      sums[g * BLOCK_ROWS + r] = bias && u < width ? bias[g * width + u] : 0.0f;
  for (int start = 0; start < k; start += CHUNK) {
    const int depth = min(CHUNK, k - start);
    for (int i = item; i < CHUNK * BLOCK_ROWS; i += UNITS) {
      const int r = i / CHUNK, p = i % CHUNK;
      const int row = memory->row[r];
      memory->chunk[p * BLOCK_ROWS + r] =
          row >= 0 && p < depth ? rows[(size_t)row * k + start + p] : 0.0f;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (u < width) {
      const __global float *column = weight + (size_t)start * gates * width + u;
      for (int p = 0; p < depth; ++p)
        EACH_BELOW(g, gates) {
          const float w = column[(size_t)(p * gates + g) * width];
          EACH_BELOW(r, BLOCK_ROWS)
            sums[g * BLOCK_ROWS + r] =
                fma(w, memory->chunk[p * BLOCK_ROWS + r], sums[g * BLOCK_ROWS + r]);
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}

// What a step wrote to global memory is read by the whole group in the next one.
#define STEP_BARRIER barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
