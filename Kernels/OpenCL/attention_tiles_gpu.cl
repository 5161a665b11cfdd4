// Tiles of scaled dot-product attention on a GPU, shared by its forward and backward pass.
//
// A work-group of 128 items (8 x 16) multiplies a block of 64 rows by tiles of 32 rows of the other
// side. Item (x, y) owns rows 4 y ... 4 y + 3 of the block and rows (or columns) 4 x ... 4 x + 3 of
// the tile: 16 sums in registers, fed by two vectors of four from local memory. A head is read in
// chunks of 32 columns, so that local memory does not grow with its width.

#ifndef HEAD_WIDTH
#define HEAD_WIDTH 32  // K, width of one head
#endif
#ifndef CAUSAL
#define CAUSAL 1  // whether a query sees keys up to its own time only; the last query sees all
#endif
#ifndef DROPOUT
#define DROPOUT 0  // whether probabilities are dropped
#endif
#define GROUP 128                                // work-items
#define BLOCK_ROWS 64                            // rows of the block
#define TILE_ROWS 32                             // rows of a tile of the other side
#define CHUNK 32                                 // columns of a head in local memory at a time
#define CHUNKS ((HEAD_WIDTH + CHUNK - 1) / CHUNK)
#define DEPTH (HEAD_WIDTH < CHUNK ? HEAD_WIDTH : CHUNK)
#define BLOCK_STRIDE (BLOCK_ROWS + 4)            // padded: rows begin in different banks
#define TILE_STRIDE (TILE_ROWS + 4)
#define LOG2_E 1.44269504f

// Local memory of a work-group, 22 KB, in vectors of four, so that it is aligned.
typedef struct {
  float4 block[CHUNK][BLOCK_STRIDE / 4];        // a chunk of the block, transposed
  float4 tile[CHUNK][TILE_STRIDE / 4];          // a chunk of the tile, transposed or not
  float4 weights[TILE_ROWS][BLOCK_STRIDE / 4];  // one weight per pair of rows
} attention_tiles;

#define ELEMENTS(row) ((__local float *)(row))

// The `count` rows of one head: row i begins at data + i * stride.
typedef struct {
  __global const float *data;
  int stride;
  int count;
} attention_rows;

static inline attention_rows rows_of(__global const float *data, int column, int stride, int first,
                                     int count, int head)
{
  attention_rows rows = {data + (long)first * stride + column + head * HEAD_WIDTH, stride, count};
  return rows;
}

// to[c][i] = rows[first + i][chunk * CHUNK + c]; zero outside.
#define LOAD_TRANSPOSED(to, row_count, rows, first, chunk, item)                                 \
  for (int at = item; at < row_count * CHUNK; at += GROUP) {                                    \
    const int row = first + at / CHUNK, column = (chunk)*CHUNK + at % CHUNK;                    \
    const bool inside = row < rows.count && column < HEAD_WIDTH;                                \
    ELEMENTS((to)[at % CHUNK])[at / CHUNK] =                                                    \
        inside ? rows.data[(long)row * rows.stride + column] : 0.0f;                            \
  }

// sums[i][j] = block row 4 y + i . tile row 4 x + j. All items of the group must call it.
static inline void products(__local attention_tiles *tiles, attention_rows block,
                            int block_first, attention_rows tile, int tile_first, int item,
                            float4 *sums)
{
  const int x = item % 8, y = item / 8;
  for (int i = 0; i < 4; ++i) sums[i] = (float4)(0.0f);
  for (int chunk = 0; chunk < CHUNKS; ++chunk) {
    barrier(CLK_LOCAL_MEM_FENCE);
    LOAD_TRANSPOSED(tiles->block, BLOCK_ROWS, block, block_first, chunk, item)
    LOAD_TRANSPOSED(tiles->tile, TILE_ROWS, tile, tile_first, chunk, item)
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int c = 0; c < DEPTH; ++c) {
      const float4 a = tiles->block[c][y], b = tiles->tile[c][x];
      sums[0] = fma((float4)(a.x), b, sums[0]);
      sums[1] = fma((float4)(a.y), b, sums[1]);
      sums[2] = fma((float4)(a.z), b, sums[2]);
      sums[3] = fma((float4)(a.w), b, sums[3]);
    }
  }
}

// weights[tile row 4 x + j][block row 4 y + i] = values[i][j]
static inline void store_weights(__local attention_tiles *tiles, const float4 *values,
                                 int item)
{
  const int x = item % 8, y = item / 8;
  const float4 a = values[0], b = values[1], c = values[2], d = values[3];
  tiles->weights[4 * x][y] = (float4)(a.x, b.x, c.x, d.x);
  tiles->weights[4 * x + 1][y] = (float4)(a.y, b.y, c.y, d.y);
  tiles->weights[4 * x + 2][y] = (float4)(a.z, b.z, c.z, d.z);
  tiles->weights[4 * x + 3][y] = (float4)(a.w, b.w, c.w, d.w);
}

// sums[chunk][i] += sum over tile rows r of weights[r][4 y + i] * tile[r][chunk * CHUNK + 4 x ...].
// All items of the group must call it, after store_weights.
static inline void add_weighted_rows(__local attention_tiles *tiles, attention_rows tile,
                                     int tile_first, int item, float4 sums[CHUNKS][4])
{
  const int x = item % 8, y = item / 8;
#pragma unroll
  for (int chunk = 0; chunk < CHUNKS; ++chunk) {
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int at = item; at < TILE_ROWS * CHUNK; at += GROUP) {
      const int row = tile_first + at / CHUNK, column = chunk * CHUNK + at % CHUNK;
      const bool inside = row < tile.count && column < HEAD_WIDTH;
      ELEMENTS(tiles->tile[at / CHUNK])[at % CHUNK] =
          inside ? tile.data[(long)row * tile.stride + column] : 0.0f;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int r = 0; r < TILE_ROWS; ++r) {
      const float4 a = tiles->weights[r][y], b = tiles->tile[r][x];
      sums[chunk][0] = fma((float4)(a.x), b, sums[chunk][0]);
      sums[chunk][1] = fma((float4)(a.y), b, sums[chunk][1]);
      sums[chunk][2] = fma((float4)(a.z), b, sums[chunk][2]);
      sums[chunk][3] = fma((float4)(a.w), b, sums[chunk][3]);
    }
  }
}

// to[4 y + i] = factor[i] * sums[.][i], plus base[4 y + i] if `has_base`, for rows below `count`.
static inline void store_rows(float4 sums[CHUNKS][4], float4 factor, __global float *to,
                              __global const float *base, int has_base, int stride, int count,
                              int item)
{
  const int x = item % 8, y = item / 8;
  const float factors[4] = {factor.x, factor.y, factor.z, factor.w};
  for (int chunk = 0; chunk < CHUNKS; ++chunk)
    for (int i = 0; i < 4; ++i) {
      const float4 sum = sums[chunk][i] * factors[i];
      const float values[4] = {sum.x, sum.y, sum.z, sum.w};
      for (int j = 0; j < 4; ++j) {
        const int row = 4 * y + i, column = chunk * CHUNK + 4 * x + j;
        const long at = (long)row * stride + column;
        if (row < count && column < HEAD_WIDTH)
          to[at] = values[j] + (has_base ? base[at] : 0.0f);
      }
    }
}

// Dropout factors of one query and four neighbouring keys, first_key being a multiple of 4: 0 where
// the pair is dropped, else keep_scale. A pair is dropped if word key % 4 of the counter (key / 4,
// query, sequence, epoch << 8 | head) is below the threshold.
static inline float4 pair_factors(int first_key, int query, uint sequence, uint epoch_head,
                                  uint2 key, uint threshold, float keep_scale)
{
#if DROPOUT
  const uint4 counter = (uint4)((uint)first_key / 4, (uint)query, sequence, epoch_head);
  return philox4x32(counter, key) < (uint4)(threshold) ? (float4)(0.0f) : (float4)(keep_scale);
#else
  return (float4)(1.0f);
#endif
}
