// Tiles of scaled dot-product attention on a GPU, shared by its forward and backward pass.
//
// A work-group of 128 items (8 x 16) multiplies a block of 64 rows by tiles of 32 rows of the other
// side. Item (x, y) owns rows 4 y ... 4 y + 3 of the block and rows (or columns) 4 x ... 4 x + 3 of
// the tile: 16 sums in registers, fed by two vectors of four from local memory. For heads wider than
// 32 or 64 the block has 32 or 16 rows and the tile 64 or 128, so that the sums of a whole head stay
// in registers. 32 columns of a head or rows of a tile are in local memory at a time.

#ifndef HEAD_WIDTH
#define HEAD_WIDTH 32  // K, width of one head
#endif
#ifndef CAUSAL
#define CAUSAL 1  // whether a query sees keys up to its own time only; the last query sees all
#endif
#ifndef WINDOW
#define WINDOW 0  // maximum number of keys that a query sees, the last ones; 0 for no maximum
#endif
#ifndef DROPOUT
#define DROPOUT 0  // whether probabilities are dropped
#endif
#define GROUP 128                                // work-items
#define SPREAD (HEAD_WIDTH > 64 ? 4 : HEAD_WIDTH > 32 ? 2 : 1)
#define ACROSS (8 * SPREAD)                      // items along a tile's rows
#define BLOCK_ROWS (64 / SPREAD)                 // rows of the block
#define TILE_ROWS (32 * SPREAD)                  // rows of a tile of the other side
#define CHUNK (4 * ACROSS)                       // columns of a head that the items sum at a time
#define CHUNKS ((HEAD_WIDTH + CHUNK - 1) / CHUNK)
#define DEPTH 32                                 // of a product in local memory at a time
#define BLOCK_STRIDE (BLOCK_ROWS + 4)            // padded: rows begin in different banks
#define TILE_STRIDE (TILE_ROWS + 4)

// Local memory of a work-group, at most 30 KB, in vectors of four, so that it is aligned.
typedef struct {
  float4 block[DEPTH][BLOCK_STRIDE / 4];        // columns of the block's rows, transposed
  float4 tile[DEPTH][TILE_STRIDE / 4];          // columns of the tile's rows, or some of its rows
  float4 weights[TILE_ROWS][BLOCK_STRIDE / 4];  // one weight per pair of rows
} attention_tiles;

#define ELEMENTS(row) ((__local float *)(row))

// Of a window that ends at key `last`, the first key or one before its sequence.
#define WINDOW_START(last) (WINDOW ? (last) - WINDOW + 1 : INT_MIN)

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

// to[c][i] = rows[first + i][start + c]; zero outside.
#define LOAD_TRANSPOSED(to, row_count, rows, first, start, item)                                 \
  for (int at = item; at < row_count * DEPTH; at += GROUP) {                                    \
    const int row = first + at / DEPTH, column = start + at % DEPTH;                            \
    const bool inside = row < rows.count && column < HEAD_WIDTH;                                \
    ELEMENTS((to)[at % DEPTH])[at / DEPTH] =                                                    \
        inside ? rows.data[(long)row * rows.stride + column] : 0.0f;                            \
  }

// sums[i][j] = block row 4 y + i . tile row 4 x + j. All items of the group must call it.
ALWAYS_INLINE void products(__local attention_tiles *tiles, attention_rows block,
                            int block_first, attention_rows tile, int tile_first, int item,
                            float4 *sums)
{
  const int x = item % ACROSS, y = item / ACROSS;
  EACH_BELOW(i, 4) sums[i] = (float4)(0.0f);
  for (int start = 0; start < HEAD_WIDTH; start += DEPTH) {
    barrier(CLK_LOCAL_MEM_FENCE);
    LOAD_TRANSPOSED(tiles->block, BLOCK_ROWS, block, block_first, start, item)
    LOAD_TRANSPOSED(tiles->tile, TILE_ROWS, tile, tile_first, start, item)
    barrier(CLK_LOCAL_MEM_FENCE);
    // Bounded: compilers for AMD unroll all steps otherwise, and spill.
#pragma unroll 2
    for (int c = 0; c < min(DEPTH, HEAD_WIDTH); ++c) {
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
  const int x = item % ACROSS, y = item / ACROSS;
  const float4 a = values[0], b = values[1], c = values[2], d = values[3];
  tiles->weights[4 * x][y] = (float4)(a.x, b.x, c.x, d.x);
  tiles->weights[4 * x + 1][y] = (float4)(a.y, b.y, c.y, d.y);
  tiles->weights[4 * x + 2][y] = (float4)(a.z, b.z, c.z, d.z);
  tiles->weights[4 * x + 3][y] = (float4)(a.w, b.w, c.w, d.w);
}

// sums[chunk][i] += sum over tile rows r of weights[r][4 y + i] * tile[r][chunk * CHUNK + 4 x ...].
// All items of the group must call it, after store_weights.
ALWAYS_INLINE void add_weighted_rows(__local attention_tiles *tiles, attention_rows tile,
                                     int tile_first, int item, float4 sums[CHUNKS][4])
{
  const int x = item % ACROSS, y = item / ACROSS;
  EACH_BELOW(chunk, CHUNKS)
  for (int first = 0; first < TILE_ROWS; first += DEPTH) {
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int at = item; at < DEPTH * CHUNK; at += GROUP) {
      const int row = tile_first + first + at / CHUNK, column = chunk * CHUNK + at % CHUNK;
      const bool inside = row < tile.count && column < HEAD_WIDTH;
      ELEMENTS(tiles->tile[at / CHUNK])[at % CHUNK] =
          inside ? tile.data[(long)row * tile.stride + column] : 0.0f;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll 2
    for (int r = 0; r < DEPTH; ++r) {
      const float4 a = tiles->weights[first + r][y], b = tiles->tile[r][x];
      sums[chunk][0] = fma((float4)(a.x), b, sums[chunk][0]);
      sums[chunk][1] = fma((float4)(a.y), b, sums[chunk][1]);
      sums[chunk][2] = fma((float4)(a.z), b, sums[chunk][2]);
      sums[chunk][3] = fma((float4)(a.w), b, sums[chunk][3]);
    }
  }
}

// to[4 y + i] = factor[i] * sums[.][i], plus base[4 y + i] if `has_base`, for rows below `count`.
ALWAYS_INLINE void store_rows(float4 sums[CHUNKS][4], float4 factor, __global float *to,
                              __global const float *base, int has_base, int stride, int count,
                              int item)
{
  const int x = item % ACROSS, y = item / ACROSS;
  const float factors[4] = {factor.x, factor.y, factor.z, factor.w};
  EACH_BELOW(chunk, CHUNKS)
    EACH_BELOW(i, 4) {
      const float4 sum = sums[chunk][i] * factors[i];
      const float values[4] = {sum.x, sum.y, sum.z, sum.w};
      EACH_BELOW(j, 4) {
        const int row = 4 * y + i, column = chunk * CHUNK + 4 * x + j;
        const int at = row * stride + column;
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
