// The register tile of a GPU, under every product of matrices there: C[r, c] = sum over k of
// A[r, k] B[c, k], summed in the order of k.
//
// A work-group of 64 items computes a TILE_ROWS x TILE tile of C. TILE_DEPTH steps of K at a time
// pass through local memory, transposed to [k][row]. Item (x, y) of 8 x 8 holds its sums in registers:
// rows 4 y ... 4 y + 3 of each 32 rows of the tile, columns 4 x ... 4 x + 3 of each 32 columns. So
// with 64 rows a step of k takes four vectors of four floats from local memory for 64 multiply-adds.
//
// The results go back through local memory, 32 rows of the tile at a time, so that the item that
// stores or weighs a result has neighbours beside it, and the code for that stands once, in a loop.
//
// With MMA the products are those of a matrix unit, by tile_mma.cl, compiled before: two warps compute 32 x 64
// each, in tiles of 16 x 8, and pass their sums to the items that hold them otherwise.

#ifndef MMA
#define MMA 0
#define TILE_KERNEL(name) name  // the name of a kernel of tiles
#define TILE_VECTORS 17         // of a step in local memory: 16, and one that shifts the banks
#define MMA_EXCHANGE
#endif
#ifndef TILE_ROWS
#define TILE_ROWS 64  // or 32, where a product has few tiles; 64 with MMA
#endif
#define TILE 64  // columns
#define TILE_SUMS (TILE_ROWS / 8)  // rows of an item
#define TILE_ITEMS 64
#define TILE_DEPTH 16
#define TILE_GROUP __attribute__((reqd_work_group_size(TILE_ITEMS, 1, 1)))

// 8,704 bytes, in vectors of four, so that they are aligned.
typedef union {
  struct {
    float4 left[TILE_DEPTH][TILE_VECTORS];
    float4 right[TILE_DEPTH][TILE_VECTORS];
    MMA_EXCHANGE  // of a matrix unit's twin
  } factors;
  float4 results[32][TILE_VECTORS];
  float parts[TILE][9];  // of each row, by the items of its sums; one more
} tile_memory;

// Row r of a factor at step k is data[r * row_step + k * depth_step], and 0 from `rows` on. With scales
// it is multiplied by the first float of scales[r * scale_row_step + k / scale_run * scale_step].
typedef struct {
  const __global float *data;
  size_t row_step;
  size_t depth_step;
  int rows;
  const __global float2 *scales;
  size_t scale_row_step;
  size_t scale_step;
  int scale_run;
  int is_half;  // data are bfloat16, of a table
} tile_source;

// Rows or channels of a table as a factor. Not a function, whose structure oclgrind could not follow.
#define TABLE_SOURCE(data, row_step, depth_step, rows) \
  {(const __global float *)(data), row_step, depth_step, rows, 0, 0, 0, 1, TABLE_BF16}

// to[k][r] = row r of `rows` of the source at step start + k; 0 from `depth` on. Neighbouring items
// read neighbouring floats: `along` tells that these are steps of a row, else they are rows of a step.
ALWAYS_INLINE void tile_load(__local float4 (*to)[TILE_VECTORS], const tile_source source,
                             const int rows, const int along, const int start, const int depth,
                             const int item)
{
#pragma unroll 4
  for (int i = item; i < rows * TILE_DEPTH; i += TILE_ITEMS) {
    const int r = along ? i / TILE_DEPTH : i % rows;
    const int k = along ? i % TILE_DEPTH : i / rows;
    const bool exists = r < source.rows && start + k < depth;
    const size_t at = r * source.row_step + (start + k) * source.depth_step;
    float value = !exists ? 0.0f
                  : source.is_half ? load_table((const __global table_float *)source.data + at)
                                   : source.data[at];
    if (source.scales) {
      const size_t run = (start + k) / source.scale_run * source.scale_step;
      value *= exists ? source.scales[r * source.scale_row_step + run].x : 0.0f;
    }
    ((__local float *)to[k])[r] = value;
  }
}

// sums[4 h + r][v] = the products of row 32 h + 4 y + r and columns 32 v + 4 x ... over `depth` steps.
// If `has_row_sums`, item r also takes the sum of row r of the left factor. All items must call it.
ALWAYS_INLINE void tile_products(float4 sums[TILE_SUMS][2], const tile_source left, const int left_along,
                                 const tile_source right, const int right_along, const int depth,
                                 __local tile_memory *tile, const int item, const int has_row_sums,
                                 float *row_sum)
{
#if MMA
  float c[MMA_TILES][4];
  EACH_BELOW(i, MMA_TILES)
    EACH_BELOW(part, 4) c[i][part] = 0.0f;
#else
  const int x = item % 8, y = item / 8;
  EACH_BELOW(r, TILE_SUMS)
    EACH_BELOW(v, 2) sums[r][v] = (float4)(0.0f);
#endif
  *row_sum = 0.0f;
  for (int start = 0; start < depth; start += TILE_DEPTH) {
    tile_load(tile->factors.left, left, TILE_ROWS, left_along, start, depth, item);
    tile_load(tile->factors.right, right, TILE, right_along, start, depth, item);
    barrier(CLK_LOCAL_MEM_FENCE);
#if MMA
    mma_steps(c, tile->factors.left, tile->factors.right, tile->factors.exchange, item);
#else
    // Bounded: compilers for AMD unroll all steps otherwise, and spill.
#pragma unroll 4
    for (int k = 0; k < TILE_DEPTH; ++k) {
      const float4 b[2] = {tile->factors.right[k][x], tile->factors.right[k][8 + x]};
      EACH_BELOW(h, TILE_SUMS / 4) {
        const float4 a = tile->factors.left[k][8 * h + y];
        EACH_BELOW(v, 2) {
          sums[4 * h][v] = fma((float4)(a.x), b[v], sums[4 * h][v]);
          sums[4 * h + 1][v] = fma((float4)(a.y), b[v], sums[4 * h + 1][v]);
          sums[4 * h + 2][v] = fma((float4)(a.z), b[v], sums[4 * h + 2][v]);
          sums[4 * h + 3][v] = fma((float4)(a.w), b[v], sums[4 * h + 3][v]);
        }
      }
    }
#endif
    if (has_row_sums)
      for (int k = 0; k < TILE_DEPTH; ++k)
        *row_sum += ((__local float *)tile->factors.left[k])[item % TILE_ROWS];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
#if MMA
  mma_pass(sums, c, tile->results, item);
#endif
}

// results[r][column] = the sums of row 32 h + r. All items must call it, after a barrier.
ALWAYS_INLINE void tile_stage(__local tile_memory *tile, float4 sums[TILE_SUMS][2], const int h,
                              const int item)
{
  const int x = item % 8, y = item / 8;
  EACH_BELOW(r, 4)
    EACH_BELOW(v, 2) tile->results[4 * y + r][8 * v + x] = sums[4 * h + r][v];
}

// Runs a statement for each row of the tile, in which the item's column of it is `value`.
#define TILE_EACH_ROW(row, value, tile, sums, item, ...)                        \
  EACH_BELOW(part, TILE_SUMS / 4) {                                             \
    barrier(CLK_LOCAL_MEM_FENCE);                                               \
    tile_stage(tile, sums, part, item);                                         \
    barrier(CLK_LOCAL_MEM_FENCE);                                               \
    for (int staged = 0; staged < 32; ++staged) {                               \
      const int row = 32 * part + staged;                                       \
      const float value = ((__local float *)(tile)->results[staged])[item];     \
      __VA_ARGS__                                                               \
    }                                                                           \
  }

// Stores a tile of `rows` x `columns` results at out, whose rows are `pitch` floats apart; with `add`
// they are added to the values there.
ALWAYS_INLINE void tile_store(__local tile_memory *tile, float4 sums[8][2], __global float *out,
                              const size_t pitch, const int rows, const int columns,
                              const int add, const int item)
{
  TILE_EACH_ROW(row, value, tile, sums, item, {
    if (row < rows && item < columns) {
      __global float *place = out + row * pitch + item;
      *place = (add ? *place : 0.0f) + value;
    }
  })
}

// Sums of splits: a work-group takes SPLIT_COLUMNS columns, and each of its teams a part of the splits.
#define SPLIT_COLUMNS 64
#define SPLIT_TEAMS 4
#define SPLIT_ITEMS (SPLIT_COLUMNS * SPLIT_TEAMS)
#define SPLIT_GROUP __attribute__((reqd_work_group_size(SPLIT_ITEMS, 1, 1)))

// The sum of `count` splits of the item's column, `step` floats apart; 0 for a column that does not
// exist. Each team adds its splits in their order. All items must call it.
ALWAYS_INLINE float split_sum(const __global float *splits, const size_t step, const int count,
                              __local float *scratch, const int item)
{
  const int team = item / SPLIT_COLUMNS;
  const int own = (count + SPLIT_TEAMS - 1) / SPLIT_TEAMS;
  const int last = min(count, (team + 1) * own);
  float sum = 0.0f;
#pragma unroll 8
  for (int split = team * own; split < last; ++split) sum += splits[split * step];
  scratch[item] = sum;
  barrier(CLK_LOCAL_MEM_FENCE);
  float total = 0.0f;
  for (int other = 0; other < SPLIT_TEAMS; ++other)
    total += scratch[other * SPLIT_COLUMNS + item % SPLIT_COLUMNS];
  return total;
}
