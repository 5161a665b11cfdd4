// The register tile of a GPU, under every product of matrices there: C[r, c] = sum over k of
// A[r, k] B[c, k], summed in the order of k.
//
// A work-group of 64 items computes a TILE x TILE tile of C. TILE_DEPTH steps of K at a time pass
// through local memory, transposed to [k][row]. Item (x, y) of 8 x 8 holds 8 x 8 sums in registers:
// rows 4 y ... 4 y + 3 of each half of the tile, columns 4 x ... 4 x + 3 of each half. So a step of
// k takes four vectors of four floats from local memory for 64 multiply-adds.
//
// The results go back through local memory, half of the tile's rows at a time, so that the item that
// stores or weighs a result has neighbours beside it, and the code for that stands once, in a loop.

#define TILE 64
#define TILE_ITEMS 64
#define TILE_DEPTH 16
#define TILE_VECTORS (TILE / 4 + 1)  // of a row in local memory: one more shifts the banks
#define TILE_GROUP __attribute__((reqd_work_group_size(TILE_ITEMS, 1, 1)))

// 8,704 bytes, in vectors of four, so that they are aligned.
typedef union {
  struct {
    float4 left[TILE_DEPTH][TILE_VECTORS];
    float4 right[TILE_DEPTH][TILE_VECTORS];
  } factors;
  float4 results[TILE / 2][TILE_VECTORS];  // half of the tile
} tile_memory;

// Row r of a factor at step k is data[r * row_step + k * depth_step], and 0 from `rows` on.
typedef struct {
  const __global float *data;
  size_t row_step;
  size_t depth_step;
  int rows;
} tile_source;

// to[k][r] = row r of the source at step start + k; 0 from `depth` on. Neighbouring items read
// neighbouring floats: `along` tells that these are steps of a row, else they are rows of a step.
ALWAYS_INLINE void tile_load(__local float4 (*to)[TILE_VECTORS], const tile_source source,
                             const int along, const int start, const int depth, const int item)
{
#pragma unroll 4
  for (int i = item; i < TILE * TILE_DEPTH; i += TILE_ITEMS) {
    const int r = along ? i / TILE_DEPTH : i % TILE;
    const int k = along ? i % TILE_DEPTH : i / TILE;
    const bool exists = r < source.rows && start + k < depth;
    const size_t at = r * source.row_step + (start + k) * source.depth_step;
    ((__local float *)to[k])[r] = exists ? source.data[at] : 0.0f;
  }
}

// sums[4 h + r][v] = the products of row 32 h + 4 y + r and columns 32 v + 4 x ... over `depth` steps.
// If `has_row_sums`, item r also takes the sum of row r of the left factor. All items must call it.
ALWAYS_INLINE void tile_products(float4 sums[8][2], const tile_source left, const int left_along,
                                 const tile_source right, const int right_along, const int depth,
                                 __local tile_memory *tile, const int item, const int has_row_sums,
                                 float *row_sum)
{
  const int x = item % 8, y = item / 8;
  EACH_BELOW(r, 8)
    EACH_BELOW(v, 2) sums[r][v] = (float4)(0.0f);
  *row_sum = 0.0f;
  for (int start = 0; start < depth; start += TILE_DEPTH) {
    tile_load(tile->factors.left, left, left_along, start, depth, item);
    tile_load(tile->factors.right, right, right_along, start, depth, item);
    barrier(CLK_LOCAL_MEM_FENCE);
    // Bounded: compilers for AMD unroll all steps otherwise, and spill.
#pragma unroll 4
    for (int k = 0; k < TILE_DEPTH; ++k) {
      const float4 b[2] = {tile->factors.right[k][x], tile->factors.right[k][8 + x]};
      EACH_BELOW(h, 2) {
        const float4 a = tile->factors.left[k][8 * h + y];
        EACH_BELOW(v, 2) {
          sums[4 * h][v] = fma((float4)(a.x), b[v], sums[4 * h][v]);
          sums[4 * h + 1][v] = fma((float4)(a.y), b[v], sums[4 * h + 1][v]);
          sums[4 * h + 2][v] = fma((float4)(a.z), b[v], sums[4 * h + 2][v]);
          sums[4 * h + 3][v] = fma((float4)(a.w), b[v], sums[4 * h + 3][v]);
        }
      }
    }
    if (has_row_sums)
      for (int k = 0; k < TILE_DEPTH; ++k)
        *row_sum += ((__local float *)tile->factors.left[k])[item];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}

// results[r][column] = the sums of row 32 h + r. All items must call it, after a barrier.
ALWAYS_INLINE void tile_stage(__local tile_memory *tile, float4 sums[8][2], const int h,
                              const int item)
{
  const int x = item % 8, y = item / 8;
  EACH_BELOW(r, 4)
    EACH_BELOW(v, 2) tile->results[4 * y + r][8 * v + x] = sums[4 * h + r][v];
}

// Runs a statement for each row of the tile, in which the item's column of it is `value`.
#define TILE_EACH_ROW(row, value, tile, sums, item, ...)                        \
  EACH_BELOW(half_index, 2) {                                                   \
    barrier(CLK_LOCAL_MEM_FENCE);                                               \
    tile_stage(tile, sums, half_index, item);                                   \
    barrier(CLK_LOCAL_MEM_FENCE);                                               \
    for (int staged = 0; staged < TILE / 2; ++staged) {                         \
      const int row = TILE / 2 * half_index + staged;                           \
      const float value = ((__local float *)(tile)->results[staged])[item];     \
      __VA_ARGS__                                                               \
    }                                                                           \
  }
