// Target attention on a CPU: TILE events before a candidate at a time. Compiled after sigmoid.cl
// and before target_attention_cpu.cl and target_attention_backward_cpu.cl. The host sets WIDTH and
// HIDDEN.

// Rows of a register tile: with a panel of 3 vectors, 24 sums of 16 floats or 12 of 8.
#if VECTOR_WIDTH == 16
#define TILE 8
#else
#define TILE 4
#endif

// Vectors of a row, and vectors of a panel; the host computes the same numbers.
#define VECTORS(count) (((count) + VECTOR_WIDTH - 1) / VECTOR_WIDTH)
#define PANEL(count) (VECTORS(count) % 3 == 0 ? 3 : VECTORS(count) % 2 == 0 ? 2 : 1)
#define MAX_PANEL 3
#define WIDTH_VECTORS VECTORS(WIDTH)
#define WIDTH_PADDED (WIDTH_VECTORS * VECTOR_WIDTH)
#define WIDTH_PANEL PANEL(WIDTH)
#define HIDDEN_VECTORS VECTORS(HIDDEN)
#define HIDDEN_PADDED (HIDDEN_VECTORS * VECTOR_WIDTH)
#define HIDDEN_PANEL PANEL(HIDDEN)

// Vector v of a row of `count` floats.
#define load_vector(row, v, count) load_lanes((row) + (v) * VECTOR_WIDTH, (count) - (v) * VECTOR_WIDTH)
#define store_vector(row, v, value, count) \
  store_lanes((row) + (v) * VECTOR_WIDTH, value, (count) - (v) * VECTOR_WIDTH)

// x[i] = q k[i], element by element; 0 from row `count` on.
static inline void load_products(vf x[TILE][WIDTH_VECTORS], const __global float *q,
                                 const __global float *k, int count)
{
  for (int v = 0; v < WIDTH_VECTORS; ++v) {
    const vf query = load_vector(q, v, WIDTH);
    for (int i = 0; i < TILE; ++i)
      x[i][v] = i < count ? query * load_vector(k + (size_t)i * WIDTH, v, WIDTH) : (vf)(0.0f);
  }
}

// sums[i] = sum over j < depth of left[i * stride + j] right[j], right[j] being `panel` vectors.
ALWAYS_INLINE void tile_product(vf sums[TILE][MAX_PANEL], const float *left, const int stride,
                                const __global float *right, const int depth, const int panel)
{
  // A separate array: `sums` may be indexed by a variable elsewhere, and is then not in registers.
  vf registers[TILE][MAX_PANEL];
  EACH_BELOW(i, TILE) EACH_BELOW(v, panel) registers[i][v] = (vf)(0.0f);
  for (int j = 0; j < depth; ++j) {
    vf row[MAX_PANEL];
    EACH_BELOW(v, panel) row[v] = loadv(right + (j * panel + v) * VECTOR_WIDTH);
    EACH_BELOW(i, TILE)
      EACH_BELOW(v, panel)
        registers[i][v] = fma((vf)(left[i * stride + j]), row[v], registers[i][v]);
  }
  EACH_BELOW(i, TILE) EACH_BELOW(v, panel) sums[i][v] = registers[i][v];
}

// hidden[i] = sigmoid(query_part + key_part[i] + P x[i]) and scores[i] = output . hidden[i] for i <
// count. Lanes after the last hidden unit hold garbage, but finite; their output weight is 0.
static inline void tile_scores(float scores[TILE], vf hidden[TILE][HIDDEN_VECTORS],
                               vf x[TILE][WIDTH_VECTORS], const __global float *query_part,
                               const __global float *key_part, const __global float *packed,
                               const __global float *output, int count)
{
  vf totals[TILE];
  EACH_BELOW(i, TILE) totals[i] = (vf)(0.0f);
  for (int first = 0; first < HIDDEN_VECTORS; first += HIDDEN_PANEL) {
    vf sums[TILE][MAX_PANEL];
    tile_product(sums, (const float *)x, WIDTH_PADDED,
                 packed + first * WIDTH * VECTOR_WIDTH, WIDTH, HIDDEN_PANEL);
    vf query[MAX_PANEL], weights[MAX_PANEL];
    EACH_BELOW(v, HIDDEN_PANEL) query[v] = load_vector(query_part, first + v, HIDDEN);
    EACH_BELOW(v, HIDDEN_PANEL) weights[v] = load_vector(output, first + v, HIDDEN);
    for (int i = 0; i < count; ++i) {
      EACH_BELOW(v, HIDDEN_PANEL)
        sums[i][v] += query[v] + load_vector(key_part + (size_t)i * HIDDEN, first + v, HIDDEN);
      sigmoid_together(sums[i], HIDDEN_PANEL);
      EACH_BELOW(v, HIDDEN_PANEL)
      {
        hidden[i][first + v] = sums[i][v];
        totals[i] = fma(weights[v], sums[i][v], totals[i]);
      }
    }
  }
  for (int i = 0; i < count; ++i) scores[i] = sumv(totals[i]);
}
