// Shared by the recurrences on a GPU: which sequences a work-group owns, and the product of their
// rows and a weight. Compiled after matmul_common.cl and before lstm_gpu.cl and gru_gpu.cl.
//
// Work-item u of a group computes unit u of BLOCK_ROWS sequences of similar length, so that each
// element of a weight that it loads serves them all. In a launch of a single step the work-groups
// (block, part) of one block divide the units among them; over several steps, each of which needs
// the whole state of the step before, one work-group computes all units, UNITS at a time. Sums over
// k are taken in the order of k: other sequences change nothing.

#ifndef UNITS
#define UNITS 128     // work-items per group; the host sets fewer where a launch is a single step
#endif
#define BLOCK_ROWS 8  // sequences per work-group: so many sums per gate and work-item
#define BLOCK_VECTORS (BLOCK_ROWS / 4)
#define CHUNK 64      // steps of k in local memory at a time

typedef struct {
  int sequence[BLOCK_ROWS];
  int first[BLOCK_ROWS];   // row of the sequence's first event
  int length[BLOCK_ROWS];  // descending; -1 after the last sequence
  int row[BLOCK_ROWS];     // of the array that is multiplied; -1 for zeros
  float4 chunk[CHUNK][BLOCK_VECTORS];
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

// Sets for each sequence longer than `time` which row is multiplied: that of its event `at`, or, if
// `at` is negative, that of the sequence in the initial state.
static inline void select_rows(__local block_memory *memory, int item, int time, int at)
{
  if (item < BLOCK_ROWS)
    memory->row[item] = memory->length[item] <= time ? -1
                        : at < 0                     ? memory->sequence[item]
                                                     : memory->first[item] + at;
  barrier(CLK_LOCAL_MEM_FENCE);
}

// Sum r of a gate: r is a constant where the loop over the block's rows is unrolled.
#define SUM_OF(sums, gate, r) (((const float *)((sums) + (gate)*BLOCK_VECTORS))[r])

// sums[gate][r] = start + the product of row memory->row[r] of `rows` [.][k] and column gate *
// width + u of weight [k][gates * width], for u below width; start is the bias or 0; four rows of the
// block in a vector. All items of the group must call it.
ALWAYS_INLINE void multiply_rows(float4 *sums, const int gates, __local block_memory *memory,
                                 const __global float *rows, const int k,
                                 const __global float *weight, const __global float *bias,
                                 const int width, const int u, const int item)
{
  EACH_BELOW(g, gates)
    EACH_BELOW(v, BLOCK_VECTORS)
      sums[g * BLOCK_VECTORS + v] = (float4)(bias && u < width ? bias[g * width + u] : 0.0f);
  for (int start = 0; start < k; start += CHUNK) {
    const int depth = min(CHUNK, k - start);
    for (int i = item; i < CHUNK * BLOCK_ROWS; i += UNITS) {
      const int r = i / CHUNK, p = i % CHUNK;
      const int row = memory->row[r];
      ((__local float *)memory->chunk[p])[r] =
          row >= 0 && p < depth ? rows[(size_t)row * k + start + p] : 0.0f;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (u < width) {
      const __global float *column = weight + (size_t)start * gates * width + u;
#pragma unroll 4
      for (int p = 0; p < depth; ++p)
        EACH_BELOW(g, gates) {
          const float4 w = (float4)(column[(size_t)(p * gates + g) * width]);
          EACH_BELOW(v, BLOCK_VECTORS)
            sums[g * BLOCK_VECTORS + v] =
                fma(w, memory->chunk[p][v], sums[g * BLOCK_VECTORS + v]);
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}

// The next step reads global memory that any item of the group has written in this one.
#define STEP_BARRIER barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
